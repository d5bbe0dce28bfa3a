/** One pinned image: what a real cluster pulls, and whether this very version is the one the tests ran. */
export interface PinnedImage {
  readonly repository: string;
  readonly tag: string;
  /** The user that its files are meant for; pods run as it, and so do the images that are made from built programs. */
  readonly uid: number;
  /** True when the end-to-end tests run a program of exactly this version. */
  readonly proven: boolean;
  /** Why it is this version, where the newest one was not taken or nothing could be proven. */
  readonly note?: string;
}

export const images = {
  collector: {
    repository: "otel/opentelemetry-collector-contrib",
    tag: "0.152.0",
    uid: 10_001,
    proven: true,
    note: "The newest version of which every component used here can also be built from modules.",
  },
  haproxy: {
    repository: "haproxy",
    tag: "2.6.12",
    uid: 99,
    proven: true,
    note: "Debian 12 has this version, with its fixes behind the number: what tests and the embedded cluster run is that program.",
  },
  /** Gives the agents' folder on a node to their user: the collector's image has no program for it. */
  busybox: { repository: "busybox", tag: "1.35.0", uid: 0, proven: true, note: "Debian 12's." },
  loki: { repository: "grafana/loki", tag: "3.7.8", uid: 10_001, proven: true },
  tempo: {
    repository: "grafana/tempo",
    tag: "2.9.0",
    uid: 10_001,
    proven: true,
    note: "From 3.0 on, more than one instance needs Kafka.",
  },
  prometheus: { repository: "prom/prometheus", tag: "v3.15.0", uid: 65_534, proven: true },
  alertmanager: { repository: "prom/alertmanager", tag: "v0.31.1", uid: 65_534, proven: true },
  grafana: {
    repository: "grafana/grafana",
    tag: "13.2.0",
    uid: 472,
    proven: false,
    note: "No Grafana can be built from modules; its datasources and dashboards are proven by running their queries.",
  },
} as const satisfies Record<string, PinnedImage>;

export type ImageName = keyof typeof images;

/** `repository:tag`, behind the registry mirror where the stack names one. */
export function imageReference(name: ImageName, registry?: string): string {
  const { repository, tag } = images[name];
  return registry === undefined ? `${repository}:${tag}` : `${registry}/${repository}:${tag}`;
}
