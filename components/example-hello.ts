import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Endpoints } from "../config/endpoints.ts";
import { examplesNamespace, hello } from "../config/examples.ts";
import { logsAnnotation, logsOff, namespaceNameLabel } from "../config/labels.ts";
import { agentsNamespace } from "../config/namespaces.ts";
import { ports } from "../config/ports.ts";
import type { Settings } from "../config/settings.ts";
import { awaitAnnotations } from "../kubernetes/availability.ts";
import { podFieldEnv } from "../kubernetes/container.ts";
import { platformLabels, selectorLabels } from "../kubernetes/labels.ts";
import { objectMeta, type WorkloadIdentity } from "../kubernetes/metadata.ts";
import { podTemplate } from "../kubernetes/pod-template.ts";
import { containerPorts, type NamedPort } from "../kubernetes/ports.ts";
import { httpProbes } from "../kubernetes/probes.ts";
import { resourceRequirements } from "../kubernetes/quantities.ts";
import { restrictedContainer, restrictedNamespaceLabels } from "../kubernetes/security.ts";
import { serviceAnnotations, serviceSpec } from "../kubernetes/services.ts";

/** The example service: where its telemetry goes, and the image that `examples/hello` names. */
export interface ExampleHelloArgs {
  readonly settings: Settings;
  readonly endpoints: Endpoints;
  readonly image: string;
  /** That image as it was pushed, by its digest, where the stack builds it. */
  readonly pushedImage?: pulumi.Input<string>;
}

const { workload, port, uid } = hello;
const startSeconds = 60;
const size = { cpuRequestMillicores: 50, cpuLimitMillicores: 1_000, memoryMiB: 256 };
const listens: readonly NamedPort[] = [{ name: "http", number: port, appProtocol: "http" }];

/** Between leaving the Service and being told to stop. */
const leaveSeconds = 3;
/** Of the app's own making: 10 s for open requests, 5 s for the last telemetry. */
const appStopSeconds = 15;
const graceSeconds = leaveSeconds + appStopSeconds + 5;

/** The example service in a namespace of its own, reachable inside the cluster at `url`. */
export class ExampleHello extends pulumi.ComponentResource {
  /** Address inside the cluster. */
  readonly url: string;

  constructor(name: string, args: ExampleHelloArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:ExampleHello", name, {}, opts);
    const { settings } = args;
    const namespaceName = examplesNamespace(settings);
    const child = { parent: this };
    this.url = `http://${workload}.${namespaceName}.svc.${settings.cluster.domain}:${port}`;

    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespaceName,
          labels: { ...platformLabels, ...restrictedNamespaceLabels },
        },
      },
      child,
    );
    const identity = {
      workload,
      version: imageTag(args.image),
      namespace: namespace.metadata.name,
    };
    const metadata = objectMeta(identity);
    const account = new k8s.core.v1.ServiceAccount(
      name,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
      name,
      { metadata, spec: policySpec(settings) },
      child,
    );
    new k8s.core.v1.Service(
      name,
      {
        metadata: objectMeta(identity, workload, serviceAnnotations),
        spec: serviceSpec(workload, listens),
      },
      child,
    );
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: objectMeta(identity, workload, awaitAnnotations(1, startSeconds)),
        spec: deploymentSpec(args, identity, account.metadata.name),
      },
      // The pod comes under its policy, not before it.
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ url: this.url });
  }
}

function imageTag(image: string): string {
  return image.slice(image.lastIndexOf(":") + 1);
}

/** Requests come from anywhere; what leaves is telemetry, and the look-up of where it goes. */
function policySpec(settings: Settings): types.input.networking.v1.NetworkPolicySpec {
  const agents = {
    namespaceSelector: {
      matchLabels: { [namespaceNameLabel]: agentsNamespace(settings.namespace) },
    },
    podSelector: { matchLabels: selectorLabels("agent") },
  };
  return {
    podSelector: { matchLabels: selectorLabels(workload) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: [{ protocol: "TCP", port }] }],
    egress: [
      { ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) },
      {
        to: [agents],
        ports: [ports.agent.otlpGrpc, ports.agent.otlpHttp].map((number) => ({
          protocol: "TCP",
          port: number,
        })),
      },
    ],
  };
}

function deploymentSpec(
  args: ExampleHelloArgs,
  identity: WorkloadIdentity,
  serviceAccount: pulumi.Input<string>,
): types.input.apps.v1.DeploymentSpec {
  return {
    replicas: 1,
    revisionHistoryLimit: 2,
    selector: { matchLabels: selectorLabels(workload) },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: podTemplate({
      identity,
      replicas: 1,
      uid,
      images: args.settings.images,
      serviceAccount,
      apiAccess: false,
      graceSeconds,
      files: {},
      // Its logger hands each line to OTLP as well, and does not mark it.
      annotations: { [logsAnnotation]: logsOff },
      container: container(args),
      volumes: [],
    }),
  };
}

function container(args: ExampleHelloArgs): types.input.core.v1.Container {
  return {
    name: workload,
    image: args.pushedImage ?? args.image,
    imagePullPolicy: args.settings.images.pullPolicy,
    env: environment(args),
    ports: containerPorts(listens),
    resources: resourceRequirements(size),
    securityContext: restrictedContainer,
    lifecycle: { preStop: { sleep: { seconds: leaveSeconds } } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    ...httpProbes({ port, readyPath: "/healthz", livePath: "/healthz", startSeconds }),
  };
}

function environment({
  settings,
  endpoints,
  image,
}: ExampleHelloArgs): types.input.core.v1.EnvVar[] {
  const namespaceName = examplesNamespace(settings);
  const attributes = {
    "service.namespace": namespaceName,
    "service.version": imageTag(image),
    "deployment.environment.name": settings.environment,
    "k8s.cluster.name": settings.cluster.name,
    "k8s.namespace.name": namespaceName,
    "k8s.deployment.name": workload,
    "k8s.container.name": workload,
    "k8s.pod.name": "$(POD_NAME)",
    "k8s.pod.uid": "$(POD_UID)",
  };
  return [
    // First, since only what stands above can be written as $(NAME).
    podFieldEnv("POD_NAME", "metadata.name"),
    podFieldEnv("POD_UID", "metadata.uid"),
    { name: "PORT", value: `${port}` },
    // Leaves a third of the container for what is not JavaScript's heap.
    { name: "NODE_OPTIONS", value: "--max-old-space-size=160" },
    { name: "OTEL_SERVICE_NAME", value: workload },
    { name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: endpoints.otlpHttp },
    { name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf" },
    {
      name: "OTEL_RESOURCE_ATTRIBUTES",
      value: Object.entries(attributes)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    },
  ];
}
