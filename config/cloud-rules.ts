import type { ConfigIssue } from "./issue.ts";
import type { Facts, Rule } from "./rule.ts";
import { drains } from "./stopping.ts";

/** Annotation of a service account by which EKS gives its pods a role. */
export const roleAnnotation = "eks.amazonaws.com/role-arn";

function awsStore({ settings, shown }: Facts): ConfigIssue[] {
  if (settings.aws === undefined) return [];
  const { kind, endpoint, credentials, serviceAccountAnnotations } = settings.storage;
  const issues: ConfigIssue[] = [];
  const add = (key: string, problem: string, fix: string) => {
    issues.push({ path: `platform.storage.${key}`, problem, fix });
  };
  if (kind !== "s3") {
    const problem = `is ${shown("platform.storage.kind")}, but platform.aws is for buckets`;
    add(
      "kind",
      problem,
      "set it to s3 with a lokiBucket and a tempoBucket, or remove platform.aws",
    );
  }
  if (endpoint !== undefined) {
    const problem = `is ${endpoint}, but the buckets of platform.aws are at AWS's own`;
    add("endpoint", problem, "remove it, or remove platform.aws");
  }
  if (credentials !== "identity") {
    const problem = `is ${shown("platform.storage.credentials")}, but platform.aws makes roles for Loki and Tempo`;
    add("credentials", problem, "set it to identity, or remove platform.aws");
  }
  const role = serviceAccountAnnotations[roleAnnotation];
  if (role !== undefined) {
    const problem = `has ${roleAnnotation} ${role}, but platform.aws makes a role for each`;
    add("serviceAccountAnnotations", problem, "remove that annotation, or remove platform.aws");
  }
  return issues;
}

function builtImages({ settings }: Facts): ConfigIssue[] {
  const { registry, buildFor } = settings.images;
  if (buildFor === undefined) return [];
  const issues: ConfigIssue[] = [];
  if (registry === undefined) {
    const problem = `is missing, but images.buildFor is ${buildFor}: what is built must be pushed to where nodes pull it`;
    const fix = "under platform.images write `registry: <registry>`, or remove buildFor";
    issues.push({ path: "platform.images.registry", problem, fix });
  }
  if (settings.examples.length === 0 && !drains(settings)) {
    const problem = `is ${buildFor}, but platform.examples is empty and no gateway drains: there is nothing to build`;
    const fix = "remove it, or set examples to [hello]";
    issues.push({ path: "platform.images.buildFor", problem, fix });
  }
  return issues;
}

/** What must hold for the parts that reach beyond the cluster. */
export const cloudRules: readonly Rule[] = [
  {
    name: "aws-object-store",
    why: "The roles of `aws` open its own buckets, and nothing else, to Loki and Tempo.",
    check: awsStore,
  },
  {
    name: "built-images-are-pushed",
    why: "Nodes pull from a registry what one machine has built.",
    check: builtImages,
  },
];
