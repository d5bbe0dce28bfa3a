import { writtenValueRules } from "./written-value-rules.ts";
import { onVolumes, testRules } from "./rule-rows.ts";

testRules(writtenValueRules, [
  {
    rule: "namespace-of-its-own",
    passes: { namespace: "kube-telemetry" },
    fails: { namespace: "kube-system" },
    message:
      "platform.namespace is kube-system, which is the cluster's own: the platform makes its namespace, and removes it on destroy. Fix: name one for the platform alone.",
  },
  {
    rule: "urls-without-secrets",
    passes: { alertmanager: { webhooks: ["https://a.example.com/@x?y=1", "http://b:8080"] } },
    fails: { alertmanager: { webhooks: ["http://b:8080", "https://me:hunter2@a.example.com/"] } },
    message:
      "platform.alertmanager.webhooks[1] holds a user's name or password, which whoever reads the stack's file or the cluster's ConfigMaps would have. Fix: take it for leaked, and write the URL without what is before @.",
  },
  {
    rule: "urls-without-secrets",
    passes: { grafana: { rootUrl: "https://grafana.example.com:65535/" } },
    fails: { grafana: { rootUrl: "https://grafana.example.com:65536/" } },
    message:
      "platform.grafana.rootUrl is no URL that can be dialled. Fix: write scheme, host and at most a port and a path, as in https://host.example.com.",
  },
  {
    rule: "annotation-keys",
    passes: { storage: { serviceAccountAnnotations: { "a.example.com/b_c": "", d: "" } } },
    fails: { storage: { serviceAccountAnnotations: { "a b": "" } } },
    message:
      'platform.storage.serviceAccountAnnotations has the key "a b", which Kubernetes refuses. Fix: write it as in eks.amazonaws.com/role-arn.',
  },
  {
    rule: "endpoint-is-used",
    passes: { storage: { endpoint: "http://store:9000" } },
    fails: {
      storage: { ...onVolumes, endpoint: "http://store:9000" },
      loki: { replicas: 1 },
      tempo: { replicas: 1 },
    },
    message:
      "platform.storage.endpoint is http://store:9000, but with storage.kind volume nothing is put there. Fix: set storage.kind to s3, or remove it.",
  },
]);
