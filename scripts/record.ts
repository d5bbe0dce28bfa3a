import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

/** One resource as the program asked for it. */
export interface RecordedResource {
  readonly type: string;
  /** Pulumi's name for it, which need not be the one in the cluster. */
  readonly name: string;
  /** Types of its parents and its own, outermost first. */
  readonly lineage: readonly string[];
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that hold a secret anywhere. */
  readonly secretInputs: readonly string[];
}

type Inputs = Record<string, unknown>;

/**
 * Runs a program without an engine, a provider or a cluster: what it would deploy is recorded instead. Nothing may be
 * asked of a cluster on the way, so the same settings always give the same resources.
 */
export async function record(program: () => unknown): Promise<RecordedResource[]> {
  const asked: { type: string; name: string; inputs: Inputs }[] = [];
  const calls: string[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs: given }) => {
      const inputs = given as Inputs;
      asked.push({ type, name, inputs });
      return { id: `${name}-id`, state: { ...inputs, ...outputs(type, inputs) } };
    },
    call: ({ token }) => {
      calls.push(token);
      throw new Error(token);
    },
  };
  await pulumi.runtime.setMocks(mocks, "sightline", "recorded");
  try {
    await program();
    // Registrations go on after the program has returned; this waits for the last of them.
    await pulumi.runtime.disconnect();
  } catch (error) {
    refuseCalls(calls);
    throw error;
  }
  refuseCalls(calls);
  const lineages = recordedLineages();
  return asked.map(({ type, name, inputs }) => ({
    type,
    name,
    lineage: lineages.get(`${type}::${name}`) ?? [type],
    inputs: withoutSecretMarks(inputs) as Inputs,
    secretInputs: Object.keys(inputs).filter((key) => holdsSecret(inputs[key])),
  }));
}

/** Pulumi drops the message of a call that failed, so it is made here. */
function refuseCalls([token]: readonly string[]): void {
  if (token === undefined) return;
  throw new Error(
    `the program calls ${token}: what it deploys must follow from its settings, not from a cluster`,
  );
}

/** A pushed image's digest is known after the push only: what is recorded names the tag instead. */
function outputs(type: string, { imageName }: Inputs): Inputs {
  return type === "docker:index/image:Image" ? { repoDigest: imageName } : {};
}

/** URNs are `urn:pulumi:<stack>::<project>::<types joined by $>::<name>`. */
function recordedLineages(): Map<string, string[]> {
  const monitor: unknown = pulumi.runtime.getMonitor();
  if (!(monitor instanceof MockMonitor)) {
    throw new Error("the recording monitor is gone: does the program set mocks of its own?");
  }
  const lineages = new Map<string, string[]>();
  for (const urn of monitor.getRegisteredResources().keys()) {
    const [, , types = "", name = ""] = urn.split("::");
    const lineage = types.split("$");
    lineages.set(`${lineage.at(-1) ?? ""}::${name}`, lineage);
  }
  return lineages;
}

function withoutSecretMarks(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) {
    return withoutSecretMarks(pulumi.runtime.unwrapRpcSecret(value));
  }
  if (Array.isArray(value)) return value.map(withoutSecretMarks);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutSecretMarks(inner)]),
  );
}

function holdsSecret(value: unknown): boolean {
  if (pulumi.runtime.isRpcSecret(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsSecret);
}
