import { endpoints } from "../../config/endpoints.ts";
import type { Target } from "../generator/transport.ts";
import type { ProdStack } from "./prod-stack.ts";

/** Where a name of the cluster's leads, as this machine can dial it: it is the node. */
async function addressOf(stack: ProdStack, host: string): Promise<string> {
  const [first = "", second = "", third = ""] = host.split(".");
  // `pod.service-peers.namespace…` is one replica, `service.namespace…` a Service.
  const isReplica = second.endsWith("-peers");
  const [kind, space, path] = isReplica
    ? ["pod", third, "{.status.podIP}"]
    : ["service", second, "{.spec.clusterIP}"];
  const address = await stack.kubectl("get", kind, first, "-n", space, "-o", `jsonpath=${path}`);
  if (address === "" || address === "None") throw new Error(`${kind} ${first} has no address`);
  return address;
}

/** A URL with an address in the place of its name. */
export async function dialable(stack: ProdStack, url: string): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${await addressOf(stack, hostname)}:${port}`;
}

async function targetOf(stack: ProdStack, url: string): Promise<Target> {
  const { protocol, hostname, port } = new URL(url);
  const target = { host: await addressOf(stack, hostname), port: Number(port) };
  if (protocol === "http:") return target;
  const { authority, token } = stack.access;
  return { ...target, tls: { authority, serverName: hostname }, token };
}

/** Every way in, and the backends that are looked into. */
export async function findAddresses(stack: ProdStack) {
  const found = endpoints(stack.settings);
  return {
    applications: await targetOf(stack, found.otlpGrpc),
    outsideGrpc: await targetOf(stack, found.publicOtlpGrpc),
    outsideHttp: await targetOf(stack, found.publicOtlpHttp),
    loki: await dialable(stack, found.loki),
    tempo: await dialable(stack, found.tempo),
    prometheus: await dialable(stack, found.prometheus),
  };
}
