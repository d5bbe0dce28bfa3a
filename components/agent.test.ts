import type { types } from "@pulumi/kubernetes";
import { beforeAll, expect, test } from "vitest";
import { edges } from "../config/topology.ts";
import { deploy, stackSettings, workloadsOf, type Deployment } from "../test/harness.ts";
import { Agent } from "./agent.ts";

const settings = stackSettings("prod");
let deployed: Deployment;

beforeAll(async () => {
  const args = {
    settings: settings.collector.agent,
    images: settings.images,
    namespace: "sightline-agents",
    platformNamespace: "sightline",
    nodeFolder: "/var/lib/sightline-agents/sightline",
    edges: edges(settings),
    config: "receivers: {}\n",
  };
  deployed = await deploy(() => new Agent("agent", args));
});

function daemonSet() {
  const [only] = workloadsOf(deployed.manifests);
  if (only === undefined) throw new Error("nothing runs pods");
  return {
    ...only,
    spec: deployed.get("DaemonSet", "agent").spec as types.output.apps.v1.DaemonSetSpec,
    pod: only.template.spec,
  };
}

test("what is deployed, all of it in the agents' namespace but what has none", () => {
  expect(deployed.names).toEqual([
    "ClusterRole/sightline-agent",
    "ClusterRoleBinding/sightline-agent",
    "ConfigMap/agent-config",
    "DaemonSet/agent",
    "NetworkPolicy/agent",
    "ResourceQuota/agent",
    "Service/agent",
    "ServiceAccount/agent",
  ]);
  const namespaces = deployed.manifests.map(({ metadata }) => metadata.namespace);
  expect(new Set(namespaces)).toEqual(new Set(["sightline-agents", undefined]));
});

test("what is sent to the Service stays on the node", () => {
  const service = deployed.get("Service", "agent").spec as types.output.core.v1.ServiceSpec;
  expect(service.internalTrafficPolicy).toBe("Local");
  expect(service.ports.map(({ port }) => port)).toEqual([4317, 4318, 8006]);
});

test("two agents of a node never share its folder", () => {
  expect(daemonSet().spec.updateStrategy).toEqual({
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" },
  });
});

test("it runs on every node, before what is less needed", () => {
  const { pod } = daemonSet();
  expect(pod.tolerations).toEqual([{ operator: "Exists" }]);
  expect(pod.priorityClassName).toBe("system-node-critical");
  expect(deployed.get("ResourceQuota", "agent").spec).toMatchObject({
    scopeSelector: { matchExpressions: [{ values: ["system-node-critical"] }] },
  });
});

test("it reads the node's logs as a user of root's group, and writes to its own folder alone", () => {
  const { pod, container } = daemonSet();
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 10_001,
    runAsGroup: 0,
    seccompProfile: { type: "RuntimeDefault" },
  });
  const onNode = pod.volumes.flatMap((volume) => {
    const { hostPath } = volume as Partial<types.output.core.v1.Volume>;
    return hostPath === undefined ? [] : [[volume.name, hostPath.path]];
  });
  expect(onNode).toEqual([
    ["queue", "/var/lib/sightline-agents/sightline"],
    ["pod-logs", "/var/log/pods"],
  ]);
  expect(container.volumeMounts.filter(({ readOnly }) => !readOnly)).toEqual([
    { name: "queue", mountPath: "/var/lib/sightline/queue" },
  ]);
});

test("root may only give the folder away, once", () => {
  const [init, ...others] = daemonSet().pod.initContainers;
  expect(others).toEqual([]);
  expect(init?.image).toBe("busybox:1.35.0");
  expect(init?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: false,
    runAsUser: 0,
    capabilities: { drop: ["ALL"], add: ["CHOWN"] },
  });
  const path = "/var/lib/sightline/queue";
  expect(init?.command.at(-1)).toBe(
    `[ "$(stat -c %u "${path}")" = 10001 ] || { chmod 0700 "${path}" && chown 10001:0 "${path}"; }`,
  );
});

test("of the API it reads pods and namespaces, and of the kubelet statistics alone", () => {
  expect(deployed.get("ClusterRole", "sightline-agent")["rules"]).toEqual([
    { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["nodes/stats"], verbs: ["get"] },
  ]);
});
