/** How a port is opened to senders: always with TLS. */
export interface Listener {
  readonly port: number;
  /** What is agreed upon in the TLS handshake, best first. */
  readonly protocols: readonly ("h2" | "http/1.1")[];
}

/** Counts what each source or each token does. */
export interface Table {
  readonly name: string;
  readonly key: string;
  readonly store: readonly string[];
}

/** Answers a request itself. Each reason has a place of its own, so that its count can be told from the others'. */
export interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly text: string;
  readonly retryAfterSeconds?: number;
}

/** The gateways, at one of their listeners. */
export interface Pool {
  readonly name: string;
  /** Name under which each gateway has an address. */
  readonly peers: string;
  readonly port: number;
  readonly healthPort: number;
  /** Most gateways that there will be. */
  readonly size: number;
  /** Name that the gateways' certificate must be good for. */
  readonly verifiedName: string;
  readonly protocol: "h2" | "http/1.1";
}

export interface RefusalRule {
  readonly refusal: Refusal;
  /** Sample expressions; one that holds is enough. */
  readonly when: readonly string[];
}

/** One way in. Holds its tables, refusals and pool themselves, so it cannot name one that is not there. */
export interface Frontend {
  readonly name: string;
  readonly listener: Listener;
  readonly sources: Table;
  readonly maxConnectionsPerSource: number;
  /** Also counts by token. */
  readonly tokens?: Table;
  /** First come, first asked. */
  readonly refusals: readonly RefusalRule[];
  readonly pool: Pool;
}

/** A balancer's whole configuration, before it is checked and written. */
export interface BalancerConfig {
  readonly maxConnections: number;
  readonly threads: number;
  readonly stopSeconds: number;
  /** For probes and Prometheus: the only port without TLS. */
  readonly ownPort: number;
  readonly frontends: readonly Frontend[];
}
