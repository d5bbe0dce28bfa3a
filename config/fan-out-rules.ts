import { fanOutTargets, fileTargets, targetPath, targetSignals } from "./fan-out.ts";
import type { ConfigIssue } from "./issue.ts";
import type { Facts, Rule } from "./rule.ts";
import type { Settings } from "./settings.ts";
import { bytesPerMiB, mibPerGiB } from "./units.ts";

/** How much larger a record is as JSON than as protobuf, which its size is counted by. */
const jsonFactor = 3;
/** Left free on a volume of files: the file that is open may pass its size by a batch. */
const volumeShareForFiles = 0.9;

/** The queues of the fan-out, as a message says it after the gateway's own. */
export function fanOutQueues(settings: Settings): string {
  const queues = fanOutTargets(settings).map(
    (target) =>
      `${target.name} ${targetSignals(target).length} × ${target.settings.queue.maxMiB} MiB`,
  );
  return queues.length === 0 ? "" : ` and those of the fan-out (${queues.join(", ")})`;
}

function oneName({ settings }: Facts): ConfigIssue[] {
  const targets = fanOutTargets(settings);
  return targets.flatMap((target, index): ConfigIssue[] => {
    const path = targetPath(target);
    const other = targets.slice(0, index).find(({ name }) => name === target.name);
    const fix = "give it another name";
    if (other !== undefined) {
      return [{ path, problem: `has the name of ${targetPath(other)}`, fix }];
    }
    if (!/^prometheus-\d+$/.test(target.name)) return [];
    return [{ path, problem: "has the name of one of the platform's own Prometheus", fix }];
  });
}

function batchInQueue({ settings }: Facts): ConfigIssue[] {
  const { recordBytes } = settings.collector.gateway.queue;
  return fanOutTargets(settings).flatMap((target): ConfigIssue[] => {
    const batchMiB =
      target.kind === "kafka"
        ? target.settings.batch.maxKiB / 1_024
        : (target.settings.batch.maxRecords * recordBytes) / bytesPerMiB;
    const { maxMiB } = target.settings.queue;
    if (batchMiB * 2 <= maxMiB) return [];
    const path = `${targetPath(target)}.queue.maxMiB`;
    const problem = `is ${maxMiB}, less than two of its batches of ${Math.ceil(batchMiB)} MiB, so that it overflows while one fills`;
    return [
      { path, problem, fix: `raise it to ${Math.ceil(batchMiB * 2)} or more, or lower its batch` },
    ];
  });
}

function filesFit({ settings }: Facts): ConfigIssue[] {
  return fileTargets(settings).flatMap(({ name, settings: file }): ConfigIssue[] => {
    const neededMiB = file.signals.length * (file.maxFiles + 1) * file.maxFileMiB;
    if (neededMiB <= file.volumeGiB * mibPerGiB * volumeShareForFiles) return [];
    const path = `${targetPath({ kind: "file", name })}.volumeGiB`;
    const neededGiB = Math.ceil(neededMiB / mibPerGiB / volumeShareForFiles);
    const problem = `is ${file.volumeGiB}, too small for ${file.signals.length} signals × (maxFiles ${file.maxFiles} + 1) × maxFileMiB ${file.maxFileMiB}, with a tenth free`;
    return [{ path, problem, fix: `raise it to ${neededGiB} or more, or keep fewer files` }];
  });
}

function batchInFile({ settings }: Facts): ConfigIssue[] {
  const { recordBytes } = settings.collector.gateway.queue;
  return fileTargets(settings).flatMap(({ name, settings: file }): ConfigIssue[] => {
    const neededMiB = Math.ceil((file.batch.maxRecords * recordBytes * jsonFactor) / bytesPerMiB);
    if (neededMiB <= file.maxFileMiB) return [];
    const path = `${targetPath({ kind: "file", name })}.maxFileMiB`;
    const problem = `is ${file.maxFileMiB}, less than one batch of ${file.batch.maxRecords} records takes as JSON`;
    return [{ path, problem, fix: `raise it to ${neededMiB} or more, or lower batch.maxRecords` }];
  });
}

/** What is written of two keys that go together, where only one of them is. */
function half(
  path: string,
  keys: readonly [string, string | undefined],
  others: readonly [string, string | undefined],
): ConfigIssue[] {
  const [[key, value], [other, otherValue]] = [keys, others];
  if ((value === undefined) === (otherValue === undefined)) return [];
  const [missing, there] = value === undefined ? [key, other] : [other, key];
  const problem = `is missing, but ${there} is there`;
  return [{ path: `${path}.${missing}`, problem, fix: `write both, or neither` }];
}

function wholeLogins({ settings }: Facts): ConfigIssue[] {
  return fanOutTargets(settings).flatMap((target): ConfigIssue[] => {
    const path = targetPath(target);
    switch (target.kind) {
      case "elasticsearch": {
        const { user, passwordSecret, apiKeySecret } = target.settings;
        const issues = half(path, ["user", user], ["passwordSecret", passwordSecret]);
        if (apiKeySecret === undefined || user === undefined) return issues;
        const problem = "is there, and so is user: it can log in by one of them only";
        return [
          ...issues,
          { path: `${path}.apiKeySecret`, problem, fix: "remove it, or user and passwordSecret" },
        ];
      }
      case "kafka": {
        const { user, passwordSecret } = target.settings;
        return half(path, ["user", user], ["passwordSecret", passwordSecret]);
      }
      case "s3": {
        const { accessKeySecret, secretKeySecret } = target.settings;
        return half(
          path,
          ["accessKeySecret", accessKeySecret],
          ["secretKeySecret", secretKeySecret],
        );
      }
      case "otlp":
      case "file":
      case "prometheusRemoteWrite":
        return [];
    }
  });
}

/** AWS's client takes its keys from the collector's environment, which is one for all. */
function onePairOfKeys({ settings }: Facts): ConfigIssue[] {
  const stores = fanOutTargets(settings).filter((target) => target.kind === "s3");
  const [first, ...others] = stores;
  if (first === undefined) return [];
  return others
    .filter(
      ({ settings: { accessKeySecret, secretKeySecret } }) =>
        accessKeySecret !== first.settings.accessKeySecret ||
        secretKeySecret !== first.settings.secretKeySecret,
    )
    .map((store) => ({
      path: `${targetPath(store)}.accessKeySecret`,
      problem: `and secretKeySecret are not those of ${targetPath(first)}, but the exporter has one pair for all its stores`,
      fix: "let both name the same secrets, of one account that may write to all the buckets",
    }));
}

/** How vendors call the headers that hold their keys. */
const secretHeader = /authorization|cookie|token|secret|passw|credential|api-?key|-key$/i;

function secretsInSecrets({ settings }: Facts): ConfigIssue[] {
  return fanOutTargets(settings).flatMap((target): ConfigIssue[] => {
    if (target.kind !== "otlp" && target.kind !== "prometheusRemoteWrite") return [];
    const { headers, secretHeaders } = target.settings;
    const path = targetPath(target);
    const open = Object.keys(headers).filter((header) => secretHeader.test(header));
    const secret = Object.keys(secretHeaders).map((header) => header.toLowerCase());
    const twice = Object.keys(headers).filter((header) => secret.includes(header.toLowerCase()));
    return [
      ...open.map((header) => ({
        path: `${path}.headers.${header}`,
        problem: "is a secret by its name, and would stand in plain text in files and ConfigMaps",
        fix: `take its value for leaked; under ${path}.secretHeaders write \`${header}: <secret>\`, and store the value under fanOutSecrets`,
      })),
      ...twice
        .filter((header) => !open.includes(header))
        .map((header) => ({
          path: `${path}.headers.${header}`,
          problem: "is among secretHeaders too",
          fix: "keep one of them",
        })),
    ];
  });
}

function filtersSomething({ settings }: Facts): ConfigIssue[] {
  return fanOutTargets(settings)
    .filter(
      (target) =>
        target.settings.filter.minSeverity !== undefined && !targetSignals(target).includes("logs"),
    )
    .map((target) => ({
      path: `${targetPath(target)}.filter.minSeverity`,
      problem: "holds for logs, and this target gets none",
      fix: "remove it, or add logs to its signals",
    }));
}

/** What must hold among the targets of the fan-out. */
export const fanOutRules: readonly Rule[] = [
  {
    name: "fan-out-names",
    why: "A target is alerted by its name, and its queue's file is called by it.",
    check: oneName,
  },
  {
    name: "fan-out-batch-in-queue",
    why: "A queue that holds less than its batches overflows while its target is well.",
    check: batchInQueue,
  },
  {
    name: "fan-out-files-fit-volume",
    why: "On a full volume the newest records are lost, not the oldest.",
    check: filesFit,
  },
  {
    name: "fan-out-batch-in-file",
    why: "What is larger than a file can be is never written.",
    check: batchInFile,
  },
  {
    name: "fan-out-whole-logins",
    why: "Half a login is refused by the target, at every record.",
    check: wholeLogins,
  },
  {
    name: "fan-out-one-pair-of-keys",
    why: "One of two stores would refuse everything.",
    check: onePairOfKeys,
  },
  {
    name: "fan-out-secret-headers",
    why: "The stack's file and the generated ones are read by many; secrets have a key of their own.",
    check: secretsInSecrets,
  },
  {
    name: "fan-out-filter-applies",
    why: "A filter that can match nothing is a mistake about what is sent.",
    check: filtersSomething,
  },
];
