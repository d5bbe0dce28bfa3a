import type { types } from "@pulumi/kubernetes";
import { describe, expect, test } from "vitest";
import { placeholderSecrets } from "../config/platform-secrets.ts";
import { deployPlatform } from "../platform.ts";
import { deploy, stackSettings, workloadsOf } from "../test/harness.ts";

async function deployed(changes: unknown = {}) {
  const settings = stackSettings("prod", changes);
  return deploy(() => deployPlatform(settings, placeholderSecrets(settings)));
}

const balancer = (values: object) => ({ collector: { balancer: values } });
const tlsSecret = { collector: { gateway: { public: { tlsSecret: "otlp-tls" } } } };

function service(deployment: Awaited<ReturnType<typeof deployed>>, name: string) {
  return deployment.get("Service", name).spec as types.output.core.v1.ServiceSpec;
}

describe("the stack's own balancer", () => {
  test("is two pods that one at a time may leave, behind one address inside the cluster", async () => {
    const deployment = await deployed();
    expect(deployment.names.filter((name) => /\/balancer/.test(name))).toEqual([
      "ConfigMap/balancer-config",
      "Deployment/balancer",
      "NetworkPolicy/balancer",
      "PodDisruptionBudget/balancer",
      "Secret/balancer-ingest-tls",
      "Service/balancer",
      "Service/balancer-peers",
      "ServiceAccount/balancer",
    ]);
    expect(service(deployment, "balancer").type).toBe("ClusterIP");
    const [workload] = workloadsOf(deployment.manifests).filter(({ label }) =>
      /balancer/.test(label),
    );
    expect(workload?.container.image).toBe("haproxy:2.6.12");
    expect(workload?.template.spec.securityContext.runAsUser).toBe(99);
    expect(workload?.container.lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(workload?.template.spec.terminationGracePeriodSeconds).toBe(45);
  });

  test("behind a cloud's load balancer keeps the senders' addresses", async () => {
    const loadBalancer = {
      scheme: "internet-facing",
      sourceRanges: ["203.0.113.0/24"],
      annotations: { "example.com/owner": "us" },
    };
    const deployment = await deployed(balancer({ kind: "loadBalancer", loadBalancer }));
    expect(service(deployment, "balancer")).toMatchObject({
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      loadBalancerSourceRanges: ["203.0.113.0/24"],
    });
    const prefix = "service.beta.kubernetes.io/aws-load-balancer-";
    expect(deployment.get("Service", "balancer").metadata.annotations).toEqual({
      "pulumi.com/skipAwait": "true",
      "example.com/owner": "us",
      [`${prefix}type`]: "external",
      [`${prefix}nlb-target-type`]: "ip",
      [`${prefix}scheme`]: "internet-facing",
      [`${prefix}target-group-attributes`]:
        "preserve_client_ip.enabled=true,deregistration_delay.timeout_seconds=30",
      [`${prefix}attributes`]: "load_balancing.cross_zone.enabled=true",
      [`${prefix}healthcheck-protocol`]: "HTTP",
      [`${prefix}healthcheck-port`]: "8405",
      [`${prefix}healthcheck-path`]: "/healthz",
    });
  });

  test("shows a certificate that is there, while the gateways show it their own", async () => {
    const deployment = await deployed(tlsSecret);
    expect(deployment.has("Secret", "balancer-ingest-tls")).toBe(false);
    expect(deployment.has("Secret", "gateway-ingest-tls")).toBe(true);
    const volumes = workloadsOf(deployment.manifests).flatMap(({ label, template }) =>
      template.spec.volumes
        .filter((volume) => "secret" in volume && volume.secret.secretName.endsWith("tls"))
        .map(({ secret }) => [label, secret.secretName]),
    );
    expect(volumes.sort()).toEqual([
      ["Deployment/balancer", "otlp-tls"],
      ["StatefulSet/gateway", "gateway-ingest-tls"],
    ]);
  });
});

describe("without a balancer", () => {
  test("the gateways' own Service is the door, and shows the senders' certificate", async () => {
    const { names, manifests } = await deployed({ ...balancer({ kind: "none" }) });
    expect(names.filter((name) => /balancer/.test(name))).toEqual([]);
    const [gateway] = workloadsOf(manifests).filter(({ label }) => /gateway/.test(label));
    expect(gateway?.template.spec.volumes).toContainEqual(
      expect.objectContaining({ name: "ingest-tls" }),
    );
  });

  test.each([
    [
      "nginx",
      { "backend-protocol": "GRPCS", "proxy-body-size": "16384k" },
      { "backend-protocol": "HTTPS", "proxy-body-size": "512k" },
    ],
    [
      "alb",
      { "backend-protocol-version": "GRPC", "success-codes": "0-99" },
      { "backend-protocol-version": "HTTP1", "success-codes": "200" },
    ],
  ])("an ingress of %s leads each protocol to its listener", async (controller, grpc, browser) => {
    const ingress = { controller, host: "otlp.example.com", browserHost: "web.example.com" };
    const deployment = await deployed({
      collector: {
        gateway: { browser: { origins: ["https://a.example.com"] } },
        balancer: { kind: "ingress", ingress },
      },
    });
    const prefix = `${controller}.ingress.kubernetes.io/`;
    const told = (name: string) => deployment.get("Ingress", name).metadata.annotations;
    const prefixed = (values: Record<string, string>) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
    expect(told("gateway-public-grpc")).toMatchObject(prefixed(grpc));
    expect(told("gateway-browser-http")).toMatchObject(prefixed(browser));
    expect(deployment.get("Ingress", "gateway-public-grpc").spec).toEqual({
      tls: [{ hosts: ["otlp.example.com"] }],
      rules: [
        {
          host: "otlp.example.com",
          http: {
            paths: [
              {
                path: "/opentelemetry.proto.collector.",
                pathType: "ImplementationSpecific",
                backend: { service: { name: "gateway", port: { number: 4327 } } },
              },
            ],
          },
        },
      ],
    });
    expect(deployment.has("Deployment", "balancer")).toBe(false);
  });
});
