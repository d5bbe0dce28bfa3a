import { describe, expect, it } from "vitest";
import { addons } from "./addons.ts";
import { daemonNames } from "./daemon-spec.ts";
import { daemonSpecs } from "./daemons.ts";
import { corefile } from "./dns.ts";
import { bridgeHardwareAddress, firewallRules, hostInterface } from "./host-network.ts";
import { layoutOf } from "./layout.ts";
import { chooseNetwork, choosePorts } from "./network-plan.ts";
import { containerdConfig, kubeletConfig, podNetwork, proxyConfig } from "./node-config.ts";
import { summary } from "./up.ts";

const layout = layoutOf("/srv/sightline");
const network = chooseNetwork([]);
const { ports } = await choosePorts(undefined, new Set(), () => Promise.resolve(true));
const settings = { layout, network, ports, cniPlugins: "/usr/lib/cni" };

describe("the node", () => {
  it("has a containerd whose every path is its own", () => {
    const text = containerdConfig(settings);
    const paths = [...text.matchAll(/= "(\/[^"]*)"/g)].map((match) => match[1]);
    expect(paths.length).toBeGreaterThanOrEqual(6);
    for (const path of paths) expect(path).toMatch(/^\/srv\/sightline\/|^\/usr\/lib\/cni$/);
    expect(text).toContain("restrict_oom_score_adj = true");
  });

  it("has a kubelet that listens on the bridge and answers nobody without a certificate or token", () => {
    expect(kubeletConfig(settings)).toMatchObject({
      address: "10.213.0.1",
      readOnlyPort: 0,
      healthzBindAddress: "127.0.0.1",
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
      authorization: { mode: "Webhook" },
      clusterDNS: ["10.213.16.10"],
      cgroupRoot: `/${layout.cgroup}`,
      imageGCHighThresholdPercent: 100,
    });
  });

  it("has NodePorts on loopback alone and leaves the machine's connection tracking", () => {
    expect(proxyConfig(settings)).toMatchObject({
      nodePortAddresses: ["127.0.0.1/32"],
      healthzBindAddress: "127.0.0.1:10256",
      metricsBindAddress: "127.0.0.1:10249",
      conntrack: { maxPerCore: 0, min: 0 },
    });
  });

  it("gives pods addresses of its range on its own bridge", () => {
    expect(podNetwork(settings).plugins[0]).toMatchObject({
      bridge: "sightline0",
      hairpinMode: true,
      ipam: { ranges: [[{ subnet: "10.213.0.0/24", gateway: "10.213.0.1" }]] },
    });
  });

  it("keeps outsiders from pods and Services by routing", () => {
    expect(firewallRules(network)[0].rules).toEqual([
      "-d 10.213.0.0/24 ! -i sightline0 -m addrtype ! --src-type LOCAL -j DROP",
      "-d 10.213.16.0/20 ! -i sightline0 -m addrtype ! --src-type LOCAL -j DROP",
    ]);
    expect(bridgeHardwareAddress("10.213.0.1")).toBe("02:51:0a:d5:00:01");
  });
});

describe("the daemons", () => {
  const program = (name: string) => `/opt/${name}`;
  const specs = daemonSpecs({
    layout,
    network,
    ports,
    programs: {
      containerd: program("containerd"),
      etcd: program("etcd"),
      "kube-apiserver": program("kube-apiserver"),
      "kube-controller-manager": program("kube-controller-manager"),
      "kube-scheduler": program("kube-scheduler"),
      "kube-proxy": program("kube-proxy"),
      "kube-router": program("kube-router"),
      kubelet: program("kubelet"),
    },
  });

  it.each(daemonNames)("%s trusts nobody unseen and listens nowhere else", (name) => {
    const line = specs[name].args.join(" ");
    expect(line).not.toMatch(/insecure|skip.*verify|0\.0\.0\.0/);
    for (const url of line.match(/(?:listen|bind)[a-z-]*=\S+/g) ?? []) {
      expect(url).toMatch(/127\.0\.0\.1|10\.213\.0\.1/);
    }
  });

  it("serve the API that injected agents need", () => {
    expect(specs.apiserver.args).toContain(
      "--feature-gates=MutatingAdmissionPolicy=true,ImageVolume=true",
    );
    expect(specs.apiserver.args).toContain(
      "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    );
  });
});

describe("DNS", () => {
  it("asks the machine's name servers for the rest of the world", () => {
    expect(corefile(["192.0.2.53"])).toContain(
      "    forward . /etc/resolv.conf\n    loop\n    cache 30 {\n",
    );
  });

  it.each([[[]], [["127.0.0.53"]], [["::1", "127.0.0.1"]]])(
    "asks nobody when these are %j",
    (servers) => {
      expect(corefile(servers)).not.toContain("forward");
    },
  );

  it("has the labels and the address that policies and pods expect", () => {
    const objects = addons(network, []).map(({ object }) => object);
    const service = objects.find(({ kind }) => kind === "Service");
    expect(service).toMatchObject({
      metadata: { name: "kube-dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
      spec: { clusterIP: "10.213.16.10" },
    });
  });
});

describe("a pod's plug", () => {
  it("is the interface without a namespace that is not the bridge", () => {
    const result = {
      interfaces: [
        { name: "sightline0" },
        { name: "veth1234" },
        { name: "eth0", sandbox: "/run/ns" },
      ],
    };
    expect(hostInterface(JSON.stringify({ result }))).toBe("veth1234");
  });

  it.each(["{", "{}", '{"result":{"interfaces":[{"name":"lo","sandbox":"/run/ns"}]}}'])(
    "is none in %s",
    (text) => {
      expect(hostInterface(text)).toBeUndefined();
    },
  );
});

describe("the last line of up", () => {
  const all = (outcome: "kept" | "started") =>
    new Map(daemonNames.map((name) => [name, outcome] as const));

  it("names everything after a cold start", () => {
    expect(summary(all("started"), 11.52)).toBe(
      "containerd · etcd · apiserver · controller-manager · scheduler · kubelet · proxy · " +
        "network-policies · volume-provisioner · dns ready in 11.5 s",
    );
  });

  it("names what had died", () => {
    const outcomes = new Map<(typeof daemonNames)[number], "kept" | "started" | "restarted">(
      all("kept"),
    );
    outcomes.set("kubelet", "restarted").set("etcd", "started");
    expect(summary(outcomes, 2)).toBe("started again: etcd · kubelet ready in 2.0 s");
  });

  it("says when there was nothing to do", () => {
    expect(summary(all("kept"), 0.21)).toBe("the cluster runs already (checked in 0.2 s)");
  });
});
