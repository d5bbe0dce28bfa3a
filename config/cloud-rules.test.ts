import { cloudRules } from "./cloud-rules.ts";
import { gateway, onVolumes, testRules } from "./rule-rows.ts";

const onAws = (storage: object) => ({
  aws: { oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/oidc.example.com/id/1" },
  storage: { credentials: "identity", ...storage },
});
const built = (images: object, drainSeconds = 0) => ({
  images: { buildFor: "linux/arm64", ...images },
  ...gateway({ drainSeconds }),
});

testRules(cloudRules, [
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: onAws({ endpoint: "https://store.example.com:9000" }),
    message:
      "platform.storage.endpoint is https://store.example.com:9000, but the buckets of platform.aws are at AWS's own. Fix: remove it, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({ serviceAccountAnnotations: { "example.com/owner": "us" } }),
    fails: onAws({ serviceAccountAnnotations: { "eks.amazonaws.com/role-arn": "r" } }),
    message:
      "platform.storage.serviceAccountAnnotations has eks.amazonaws.com/role-arn r, but platform.aws makes a role for each. Fix: remove that annotation, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: onAws({ credentials: null }),
    message:
      "platform.storage.credentials is keys (default), but platform.aws makes roles for Loki and Tempo. Fix: set it to identity, or remove platform.aws.",
  },
  {
    rule: "aws-object-store",
    passes: onAws({}),
    fails: { ...onAws(onVolumes), loki: { replicas: 1 }, tempo: { replicas: 1 } },
    message:
      "platform.storage.kind is volume, but platform.aws is for buckets. Fix: set it to s3 with a lokiBucket and a tempoBucket, or remove platform.aws.",
  },
  {
    rule: "built-images-are-pushed",
    passes: built({ registry: "mirror.example.com" }, 300),
    fails: built({}, 300),
    message:
      "platform.images.registry is missing, but images.buildFor is linux/arm64: what is built must be pushed to where nodes pull it. Fix: under platform.images write `registry: <registry>`, or remove buildFor.",
  },
  {
    rule: "built-images-are-pushed",
    passes: { ...built({ registry: "mirror.example.com" }), examples: ["hello"] },
    fails: built({ registry: "mirror.example.com" }),
    message:
      "platform.images.buildFor is linux/arm64, but platform.examples is empty and no gateway drains: there is nothing to build. Fix: remove it, or set examples to [hello].",
  },
]);
