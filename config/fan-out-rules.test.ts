import { fanOutRules } from "./fan-out-rules.ts";
import { testRules } from "./rule-rows.ts";

const fanOut = (targets: object) => ({ collector: { fanOut: targets } });
const otlp = (target: object) =>
  fanOut({ otlp: { vendor: { endpoint: "https://in.example.com", ...target } } });
const file = (target: object) => fanOut({ file: { local: target } });
const elasticsearch = (target: object) =>
  fanOut({ elasticsearch: { search: { endpoints: ["https://es.example.com"], ...target } } });
const copies = { otlp: { vendor: { endpoint: "http://a", queue: { maxMiB: 1_024 } } } };
const queueOf = (maxRecords: number) => ({ queue: { maxRecords, volumeGiB: 20 } });
const keys = (name: string) => ({ accessKeySecret: name, secretKeySecret: name });
const at = "platform.collector.fanOut";

testRules(fanOutRules, [
  {
    rule: "fan-out-names",
    passes: fanOut({ file: { one: {} }, otlp: { two: { endpoint: "http://a" } } }),
    fails: fanOut({ file: { one: {} }, otlp: { one: { endpoint: "http://a" } } }),
    message: `${at}.file.one has the name of ${at}.otlp.one. Fix: give it another name.`,
  },
  {
    rule: "fan-out-names",
    passes: fanOut({ file: { prometheus: {} } }),
    fails: fanOut({ file: { "prometheus-1": {} } }),
    message: `${at}.file.prometheus-1 has the name of one of the platform's own Prometheus. Fix: give it another name.`,
  },
  {
    rule: "fan-out-batch-in-queue",
    // 2 × 10240 records × 1024 bytes
    passes: otlp({ queue: { maxMiB: 20 }, batch: { maxRecords: 10_240 } }),
    fails: otlp({ queue: { maxMiB: 19 }, batch: { maxRecords: 10_240 } }),
    message: `${at}.otlp.vendor.queue.maxMiB is 19, less than two of its batches of 10 MiB, so that it overflows while one fills. Fix: raise it to 20 or more, or lower its batch.`,
  },
  {
    rule: "fan-out-batch-in-queue",
    passes: fanOut({
      kafka: { bus: { brokers: ["a:1"], batch: { maxKiB: 2_048 }, queue: { maxMiB: 4 } } },
    }),
    fails: fanOut({
      kafka: { bus: { brokers: ["a:1"], batch: { maxKiB: 2_049 }, queue: { maxMiB: 4 } } },
    }),
    message: `${at}.kafka.bus.queue.maxMiB is 4, less than two of its batches of 3 MiB, so that it overflows while one fills. Fix: raise it to 5 or more, or lower its batch.`,
  },
  {
    rule: "fan-out-files-fit-volume",
    // 90 % of 1 GiB = 921.6 MiB
    passes: file({ volumeGiB: 1, signals: ["logs"], maxFiles: 8, maxFileMiB: 102 }),
    fails: file({ volumeGiB: 1, signals: ["logs"], maxFiles: 8, maxFileMiB: 103 }),
    message: `${at}.file.local.volumeGiB is 1, too small for 1 signals × (maxFiles 8 + 1) × maxFileMiB 103, with a tenth free. Fix: raise it to 2 or more, or keep fewer files.`,
  },
  {
    rule: "fan-out-batch-in-file",
    passes: file({ maxFileMiB: 3, batch: { maxRecords: 1_024 } }),
    fails: file({ maxFileMiB: 3, batch: { maxRecords: 1_025 } }),
    message: `${at}.file.local.maxFileMiB is 3, less than one batch of 1025 records takes as JSON. Fix: raise it to 4 or more, or lower batch.maxRecords.`,
  },
  {
    rule: "fan-out-whole-logins",
    passes: elasticsearch({ user: "me", passwordSecret: "mine" }),
    fails: elasticsearch({ user: "me" }),
    message: `${at}.elasticsearch.search.passwordSecret is missing, but user is there. Fix: write both, or neither.`,
  },
  {
    rule: "fan-out-whole-logins",
    passes: elasticsearch({ apiKeySecret: "mine" }),
    fails: elasticsearch({ apiKeySecret: "mine", user: "me", passwordSecret: "mine" }),
    message: `${at}.elasticsearch.search.apiKeySecret is there, and so is user: it can log in by one of them only. Fix: remove it, or user and passwordSecret.`,
  },
  {
    rule: "fan-out-whole-logins",
    passes: fanOut({ kafka: { bus: { brokers: ["a:1"] } } }),
    fails: fanOut({ kafka: { bus: { brokers: ["a:1"], passwordSecret: "mine" } } }),
    message: `${at}.kafka.bus.user is missing, but passwordSecret is there. Fix: write both, or neither.`,
  },
  {
    rule: "fan-out-whole-logins",
    passes: fanOut({ s3: { old: { bucket: "old-logs" } } }),
    fails: fanOut({ s3: { old: { bucket: "old-logs", accessKeySecret: "mine" } } }),
    message: `${at}.s3.old.secretKeySecret is missing, but accessKeySecret is there. Fix: write both, or neither.`,
  },
  {
    rule: "fan-out-one-pair-of-keys",
    passes: fanOut({
      s3: { a: { bucket: "aaa", ...keys("x") }, b: { bucket: "bbb", ...keys("x") } },
    }),
    fails: fanOut({ s3: { a: { bucket: "aaa", ...keys("x") }, b: { bucket: "bbb" } } }),
    message: `${at}.s3.b.accessKeySecret and secretKeySecret are not those of ${at}.s3.a, but the exporter has one pair for all its stores. Fix: let both name the same secrets, of one account that may write to all the buckets.`,
  },
  {
    rule: "fan-out-secret-headers",
    passes: otlp({ headers: { "Dash0-Dataset": "x" }, secretHeaders: { Authorization: "mine" } }),
    fails: otlp({ headers: { "X-Api-Key": "hunter2" } }),
    message: `${at}.otlp.vendor.headers.X-Api-Key is a secret by its name, and would stand in plain text in files and ConfigMaps. Fix: take its value for leaked; under ${at}.otlp.vendor.secretHeaders write \`X-Api-Key: <secret>\`, and store the value under fanOutSecrets.`,
  },
  {
    rule: "fan-out-secret-headers",
    passes: otlp({ headers: { "X-Org": "x" }, secretHeaders: { "X-Organisation": "mine" } }),
    fails: otlp({ headers: { "X-Org": "x" }, secretHeaders: { "x-org": "mine" } }),
    message: `${at}.otlp.vendor.headers.X-Org is among secretHeaders too. Fix: keep one of them.`,
  },
  {
    rule: "fan-out-filter-applies",
    passes: otlp({ signals: ["logs"], filter: { minSeverity: "warn" } }),
    fails: otlp({ signals: ["traces", "metrics"], filter: { minSeverity: "warn" } }),
    message: `${at}.otlp.vendor.filter.minSeverity holds for logs, and this target gets none. Fix: remove it, or add logs to its signals.`,
  },
  {
    rule: "urls-without-secrets",
    passes: elasticsearch({ endpoints: ["https://a.example.com:9200"] }),
    fails: elasticsearch({ endpoints: ["https://b.example.com", "https://me:x@a.example.com"] }),
    message: `${at}.elasticsearch.search.endpoints[1] holds a user's name or password, which whoever reads the stack's file or the cluster's ConfigMaps would have. Fix: take it for leaked, and write the URL without what is before @.`,
  },
  {
    rule: "disk-queue-fits-volume",
    // (20 GiB × 80 % / 1.2 - 3 × 1024 MiB) / (4 queues × 1024 bytes)
    passes: { collector: { gateway: queueOf(2_708_821), fanOut: copies } },
    fails: { collector: { gateway: queueOf(2_708_822), fanOut: copies } },
    message:
      "platform.collector.gateway.queue.volumeGiB is 20, too small for 4 full queues (loki, samplers, prometheus 0, prometheus 1) of queue.maxRecords 2708822 × queue.recordBytes 1024 (default) and those of the fan-out (vendor 3 × 1024 MiB), with a fifth for the queue's database and a fifth of the volume free. Fix: raise it to 21 or more, or lower queue.maxRecords to 2708821 or less.",
  },
]);
