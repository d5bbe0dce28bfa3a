import { archive, githubRelease, withoutGrpcTracing, type Program } from "./program.ts";

const prometheusVersion = "github.com/prometheus/common/version";

/** Of the many service discoveries of Prometheus only these are compiled in. */
const discoveries = ["remove_all_sd", "enable_kubernetes_sd", "enable_dns_sd"];

/** What runs in the platform's own pods, and what only the tests need. */
export const backendPrograms = [
  {
    name: "otelcol",
    version: "0.152.0",
    module: "go.opentelemetry.io/collector/otelcol v0.152.0",
    binaries: [
      { name: "otelcol", package: ".", versionArgs: ["--version"], pathName: "otelcol-contrib" },
    ],
    tags: [withoutGrpcTracing, ...discoveries],
    variables: {},
    release: (architecture) =>
      archive(
        githubRelease("open-telemetry/opentelemetry-collector-releases", "v0.152.0"),
        `otelcol-contrib_0.152.0_linux_${architecture}.tar.gz`,
        "opentelemetry-collector-releases_otelcol-contrib_checksums.txt",
        { otelcol: "otelcol-contrib" },
      ),
    buildSeconds: 180,
    buildMegabytes: 4600,
  },
  {
    name: "loki",
    version: "3.7.8",
    module: "github.com/grafana/loki/v3 v3.7.8",
    binaries: [
      { name: "loki", package: "github.com/grafana/loki/v3/cmd/loki", versionArgs: ["--version"] },
    ],
    tags: [withoutGrpcTracing, "netgo", "remove_all_sd"],
    variables: { "github.com/grafana/loki/v3/pkg/util/build.Version": "3.7.8" },
    release: (architecture) =>
      archive(
        githubRelease("grafana/loki", "v3.7.8"),
        `loki-linux-${architecture}.zip`,
        "SHA256SUMS",
        { loki: `loki-linux-${architecture}` },
      ),
    buildSeconds: 205,
    buildMegabytes: 4700,
  },
  {
    name: "prometheus",
    version: "3.15.0",
    module: "github.com/prometheus/prometheus v0.315.0",
    binaries: (["prometheus", "promtool"] as const).map((name) => ({
      name,
      package: `github.com/prometheus/prometheus/cmd/${name}`,
      versionArgs: ["--version"],
    })),
    tags: [withoutGrpcTracing, "netgo", ...discoveries],
    variables: { [`${prometheusVersion}.Version`]: "3.15.0" },
    release: (architecture) => {
      const folder = `prometheus-3.15.0.linux-${architecture}`;
      return archive(
        githubRelease("prometheus/prometheus", "v3.15.0"),
        `${folder}.tar.gz`,
        "sha256sums.txt",
        { prometheus: `${folder}/prometheus`, promtool: `${folder}/promtool` },
      );
    },
    buildSeconds: 105,
    buildMegabytes: 2100,
  },
  {
    name: "tempo",
    version: "2.9.0",
    module: "github.com/grafana/tempo v1.5.1-0.20251008140505-607c7fb69662",
    binaries: [
      { name: "tempo", package: "github.com/grafana/tempo/cmd/tempo", versionArgs: ["--version"] },
    ],
    tags: [withoutGrpcTracing, "remove_all_sd"],
    variables: { "main.Version": "2.9.0" },
    release: (architecture) =>
      archive(
        githubRelease("grafana/tempo", "v2.9.0"),
        `tempo_2.9.0_linux_${architecture}.tar.gz`,
        "SHA256SUMS",
        { tempo: "tempo" },
      ),
    buildSeconds: 140,
    buildMegabytes: 3100,
  },
  {
    name: "alertmanager",
    version: "0.31.1",
    module: "github.com/prometheus/alertmanager v0.31.1",
    binaries: (["alertmanager", "amtool"] as const).map((name) => ({
      name,
      package: `github.com/prometheus/alertmanager/cmd/${name}`,
      versionArgs: ["--version"],
    })),
    tags: ["netgo"],
    variables: { [`${prometheusVersion}.Version`]: "0.31.1" },
    release: (architecture) => {
      const folder = `alertmanager-0.31.1.linux-${architecture}`;
      return archive(
        githubRelease("prometheus/alertmanager", "v0.31.1"),
        `${folder}.tar.gz`,
        "sha256sums.txt",
        { alertmanager: `${folder}/alertmanager`, amtool: `${folder}/amtool` },
      );
    },
    buildSeconds: 30,
    buildMegabytes: 600,
  },
  {
    name: "versitygw",
    version: "1.8.0",
    module: "github.com/versity/versitygw v1.8.0",
    binaries: [
      {
        name: "versitygw",
        package: "github.com/versity/versitygw/cmd/versitygw",
        versionArgs: ["--version"],
      },
    ],
    tags: [],
    variables: { "main.Version": "1.8.0" },
    release: (architecture) => {
      const platform = { amd64: "Linux_x86_64", arm64: "Linux_arm64" }[architecture];
      const folder = `versitygw_v1.8.0_${platform}`;
      return archive(
        githubRelease("versity/versitygw", "v1.8.0"),
        `${folder}.tar.gz`,
        "checksums.txt",
        { versitygw: `${folder}/versitygw` },
      );
    },
    buildSeconds: 43,
    buildMegabytes: 500,
  },
  {
    name: "telemetrygen",
    version: "0.149.0",
    module: "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen v0.149.0",
    binaries: [
      {
        name: "telemetrygen",
        package: "github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen",
      },
    ],
    tags: [withoutGrpcTracing],
    variables: {},
    buildSeconds: 13,
    buildMegabytes: 300,
  },
] as const satisfies readonly Program[];
