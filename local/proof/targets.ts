import { examplesNamespace, hello } from "../../config/examples.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import type { ProofUrls } from "./backends.ts";
import type { ForwardTarget } from "./port-forward.ts";

/** What each part of the way answers through. */
export function proofTargets(settings: Settings): Record<keyof ProofUrls, ForwardTarget> {
  const { namespace } = settings;
  return {
    hello: {
      namespace: examplesNamespace(settings),
      resource: `svc/${hello.workload}`,
      port: hello.port,
    },
    loki: { namespace, resource: "svc/loki", port: ports.loki.http },
    tempo: { namespace, resource: "svc/tempo", port: ports.tempo.http },
    // The replica that Grafana reads.
    prometheus: { namespace, resource: "pod/prometheus-0", port: ports.prometheus.http },
  };
}
