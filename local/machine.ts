import { join } from "node:path";
import { imageReference } from "../config/versions.ts";
import { toolNames, type Cluster, type Log } from "./cluster/cluster.ts";
import { ensureHostProgram } from "./cluster/host-tools.ts";
import { layoutOf, stateDirectory } from "./cluster/layout.ts";
import { clusterUp } from "./cluster/up.ts";
import { busyboxImageSpec } from "./images/busybox.ts";
import { drainImageSpec } from "./images/drain.ts";
import { ensureImages, imageCanBePulled, programImageSpec } from "./images/ensure.ts";
import { haproxyImageSpec } from "./images/haproxy.ts";
import { helloImageSpec } from "./images/hello.ts";
import { fixtureRecipes, platformRecipes } from "./images/recipes.ts";
import { run } from "./process.ts";
import { kubectlArgs, type Kubectl } from "./proof/port-forward.ts";
import { localEngine, type Engine } from "./pulumi.ts";
import { cacheDirectory } from "./tools/cache.ts";
import { ensureTools } from "./tools/ensure.ts";

/** A cluster that can be deployed to, and the programs to do it with. */
export interface Target {
  readonly engine: Engine;
  /** Without a kubeconfig of its own, the user's. */
  readonly kubectl: Kubectl;
}

/** A bare machine made ready for `pulumi up`: tools, cluster and images. Plain data, so it can cross a process. */
export interface Machine extends Target {
  readonly cluster: Cluster;
  readonly helloImage: string;
  /** Grafana cannot be built from modules: it is there only where its image can be pulled. */
  readonly grafana: boolean;
}

export interface MachineOptions {
  readonly log: Log;
  /** Also what only the tests deploy. */
  readonly fixtures?: boolean;
}

const engineTools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"] as const;

/** Makes ready what is not: tools first, since the cluster and its images are made of them. */
export async function prepareMachine({ log, fixtures = false }: MachineOptions): Promise<Machine> {
  const recipes = [...platformRecipes, ...(fixtures ? fixtureRecipes : [])];
  const programs = recipes.map(({ program }) => program);
  const tools = await ensureTools([...toolNames, "kubectl", ...engineTools, ...programs], { log });
  const cluster = await clusterUp({ log, tools });
  const haproxy = await haproxyImageSpec(await ensureHostProgram("haproxy", log));
  const hello = await helloImageSpec({ cacheDir: join(cacheDirectory(), "examples"), log });
  const specs = recipes.map((recipe) => programImageSpec(recipe, path(tools, recipe.program)));
  const busybox = await busyboxImageSpec(await ensureHostProgram("busybox", log), log);
  await ensureImages(cluster, [...specs, haproxy, busybox, hello, await drainImageSpec()], log);
  const grafana = await imageCanBePulled(cluster, imageReference("grafana"));
  if (!grafana) {
    log(
      "Grafana is left out: its image cannot be pulled here, and it cannot be built from modules",
    );
  }
  const { kubeconfigPath } = cluster;
  const engine = engineOf(tools, kubeconfigPath);
  const kubectl = { program: path(tools, "kubectl"), kubeconfig: kubeconfigPath };
  return { cluster, engine, kubectl, helloImage: hello.ref, grafana };
}

/** A cluster that is there already: only the programs to deploy with are needed, and its images are its own affair. */
export async function prepareNamedCluster(options: {
  readonly context: string;
  readonly log: Log;
}): Promise<Target> {
  const tools = await ensureTools(["kubectl", ...engineTools], { log: options.log });
  const kubectl = { program: path(tools, "kubectl"), context: options.context };
  const asked = await run(kubectl.program, [...kubectlArgs(kubectl), "version"], {
    timeoutSeconds: 20,
  });
  if (asked.code !== 0) {
    throw new Error(
      `the cluster of context ${options.context} cannot be reached: ${asked.stderr.trim()}\n` +
        `Fix: see that \`kubectl --context ${options.context} get nodes\` answers, or take platform.cluster.context out of the stack for a cluster of its own`,
    );
  }
  return { engine: engineOf(tools, undefined), kubectl };
}

function engineOf(tools: Readonly<Record<string, string>>, kubeconfigPath: string | undefined) {
  const [pulumi = "pulumi", ...plugins] = engineTools.map((name) => path(tools, name));
  return localEngine({ stateDir: stateDirectory(), kubeconfigPath, pulumi, plugins });
}

function path(tools: Readonly<Record<string, string>>, name: string): string {
  const found = tools[name];
  if (found === undefined) throw new Error(`no path is given for ${name}`);
  return found;
}

/** What a stack must say to run on this machine's cluster, laid over its own configuration. */
export function platformOverlay(target: Target | Machine): Record<string, unknown> {
  if (!("cluster" in target)) return {};
  const { cluster, grafana } = target;
  return {
    cluster: { apiServerPorts: [443, cluster.apiServerPort], kubeletPort: cluster.kubeletPort },
    // Goes with the cluster.
    collector: { agent: { queue: { directory: layoutOf(stateDirectory()).agents } } },
    ...(grafana ? {} : { grafana: { enabled: false } }),
  };
}
