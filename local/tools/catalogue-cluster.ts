import { archive, githubRelease, withoutGrpcTracing, type Program } from "./program.ts";

const kubernetesNames = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubelet",
  "kubectl",
] as const;

function kubernetesVariables(): Record<string, string> {
  const values = { gitVersion: "v1.34.4", gitMajor: "1", gitMinor: "34", gitTreeState: "clean" };
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return Object.fromEntries(
    packages.flatMap((path) =>
      Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]),
    ),
  );
}

/** `linux-x64`, the name that Pulumi's archives use. */
const pulumiPlatform = { amd64: "linux-x64", arm64: "linux-arm64" } as const;

/** The embedded cluster and the engine that deploys to it, in the order in which a start needs them. */
export const clusterPrograms = [
  {
    name: "kubernetes",
    version: "1.34.4",
    module: "k8s.io/kubernetes v1.34.4",
    binaries: kubernetesNames.map((name) => ({
      name,
      package: `k8s.io/kubernetes/cmd/${name}`,
      versionArgs: name === "kubectl" ? ["version", "--client"] : ["--version"],
    })),
    tags: [withoutGrpcTracing],
    variables: kubernetesVariables(),
    release: (architecture) =>
      kubernetesNames.map((name) => {
        const url = `https://dl.k8s.io/v1.34.4/bin/linux/${architecture}/${name}`;
        return { url, checksumsUrl: `${url}.sha256`, members: { [name]: name } };
      }),
    buildSeconds: 255,
    buildMegabytes: 4300,
  },
  {
    name: "pause",
    version: "1.0.0",
    binaries: [{ name: "pause", package: "." }],
    tags: [],
    variables: { "main.version": "1.0.0" },
    buildSeconds: 1,
    buildMegabytes: 100,
  },
  {
    name: "pulumi",
    version: "3.248.0",
    module: "github.com/pulumi/pulumi/pkg/v3 v3.248.0",
    binaries: [
      {
        name: "pulumi",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        versionArgs: ["version"],
      },
    ],
    tags: [withoutGrpcTracing],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.248.0" },
    release: (architecture) =>
      archive(
        githubRelease("pulumi/pulumi", "v3.248.0"),
        `pulumi-v3.248.0-${pulumiPlatform[architecture]}.tar.gz`,
        "pulumi-3.248.0-checksums.txt",
        { pulumi: "pulumi/pulumi" },
      ),
    buildSeconds: 150,
    buildMegabytes: 4100,
  },
  {
    // Published as a module of its own only up to this version, which runs programs of newer SDKs.
    name: "pulumi-language-nodejs",
    version: "3.188.0",
    module: "github.com/pulumi/pulumi/pkg/v3 v3.188.0",
    binaries: [
      {
        name: "pulumi-language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
      },
    ],
    tags: [withoutGrpcTracing],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.188.0" },
    release: (architecture) =>
      archive(
        githubRelease("pulumi/pulumi", "v3.188.0"),
        `pulumi-v3.188.0-${pulumiPlatform[architecture]}.tar.gz`,
        "pulumi-3.188.0-checksums.txt",
        { "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
      ),
    buildSeconds: 25,
    buildMegabytes: 800,
  },
  {
    name: "pulumi-resource-kubernetes",
    version: "4.25.0",
    module: "github.com/pulumi/pulumi-kubernetes/provider/v4 v4.0.0-20260115033456-f47bc2d6f199",
    binaries: [{ name: "pulumi-resource-kubernetes", package: "." }],
    tags: [withoutGrpcTracing],
    variables: {
      "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": "4.25.0",
    },
    release: (architecture) =>
      archive(
        githubRelease("pulumi/pulumi-kubernetes", "v4.25.0"),
        `pulumi-resource-kubernetes-v4.25.0-linux-${architecture}.tar.gz`,
        "pulumi-kubernetes_4.25.0_checksums.txt",
        { "pulumi-resource-kubernetes": "pulumi-resource-kubernetes" },
      ),
    buildSeconds: 230,
    buildMegabytes: 4700,
  },
  {
    name: "coredns",
    version: "1.14.7",
    module: "github.com/coredns/coredns v1.14.7",
    binaries: [{ name: "coredns", package: ".", versionArgs: ["-version"] }],
    tags: [withoutGrpcTracing],
    variables: {},
    release: (architecture) => {
      const url = `${githubRelease("coredns/coredns", "v1.14.7")}/coredns_1.14.7_linux_${architecture}.tgz`;
      return [{ url, checksumsUrl: `${url}.sha256`, members: { coredns: "coredns" } }];
    },
    buildSeconds: 45,
    buildMegabytes: 900,
  },
  {
    name: "kube-router",
    version: "1.4.0",
    module: "github.com/cloudnativelabs/kube-router v1.4.0",
    binaries: [
      {
        name: "kube-router",
        package: "github.com/cloudnativelabs/kube-router/cmd/kube-router",
        versionArgs: ["--version"],
      },
    ],
    tags: [],
    variables: { "github.com/cloudnativelabs/kube-router/pkg/version.Version": "v1.4.0" },
    release: (architecture) =>
      archive(
        githubRelease("cloudnativelabs/kube-router", "v1.4.0"),
        `kube-router_1.4.0_linux_${architecture}.tar.gz`,
        "kube-router_1.4.0_checksums.txt",
        { "kube-router": "kube-router" },
      ),
    buildSeconds: 52,
    buildMegabytes: 1000,
  },
] as const satisfies readonly Program[];
