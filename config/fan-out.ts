import type { CollectorSignal } from "./metric-names.ts";
import type { FanOutVariable } from "./mounts.ts";
import type { Settings } from "./settings.ts";

type FanOut = Settings["collector"]["fanOut"];

export type TargetKind = keyof FanOut;
/** A target of one kind, as the settings describe it. */
export type TargetSettings<K extends TargetKind> = FanOut[K][string];

interface Named<K extends TargetKind, T> {
  readonly kind: K;
  readonly name: string;
  readonly settings: T;
}

/** Where a copy of what comes in goes, by its kind. */
export type Target =
  | Named<"otlp", TargetSettings<"otlp">>
  | Named<"elasticsearch", TargetSettings<"elasticsearch">>
  | Named<"file", TargetSettings<"file">>
  | Named<"s3", TargetSettings<"s3">>
  | Named<"kafka", TargetSettings<"kafka">>
  | Named<"prometheusRemoteWrite", TargetSettings<"prometheusRemoteWrite">>;

function named<K extends TargetKind, T>(
  kind: K,
  targets: Readonly<Record<string, T>>,
): Named<K, T>[] {
  return Object.entries(targets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, settings]) => ({ kind, name, settings }));
}

/** Every target of a stack, by kind and name. */
export function fanOutTargets({ collector: { fanOut } }: Settings): Target[] {
  return [
    ...named("otlp", fanOut.otlp),
    ...named("elasticsearch", fanOut.elasticsearch),
    ...named("file", fanOut.file),
    ...named("s3", fanOut.s3),
    ...named("kafka", fanOut.kafka),
    ...named("prometheusRemoteWrite", fanOut.prometheusRemoteWrite),
  ];
}

/** Where a target stands in the configuration. */
export function targetPath({ kind, name }: Pick<Target, "kind" | "name">): string {
  return `platform.collector.fanOut.${kind}.${name}`;
}

/** What a target gets. */
export function targetSignals(target: Target): readonly CollectorSignal[] {
  return target.kind === "prometheusRemoteWrite" ? ["metrics"] : target.settings.signals;
}

/** Names of a stack's fan-out secrets, each with the keys that name it. */
export function fanOutSecretUses(settings: Settings): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  for (const target of fanOutTargets(settings)) {
    for (const [key, secret] of secretsOf(target)) {
      uses.set(secret, [...(uses.get(secret) ?? []), `${targetPath(target)}.${key}`]);
    }
  }
  return uses;
}

function secretsOf({ kind, settings }: Target): [string, string][] {
  switch (kind) {
    case "otlp":
    case "prometheusRemoteWrite":
      return Object.entries(settings.secretHeaders).map(([header, secret]) => [
        `secretHeaders.${header}`,
        secret,
      ]);
    case "elasticsearch":
      return given({
        passwordSecret: settings.passwordSecret,
        apiKeySecret: settings.apiKeySecret,
      });
    case "kafka":
      return given({ passwordSecret: settings.passwordSecret });
    case "s3":
      return given({
        accessKeySecret: settings.accessKeySecret,
        secretKeySecret: settings.secretKeySecret,
      });
    case "file":
      return [];
  }
}

function given(keys: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(keys).flatMap(([key, secret]) =>
    secret === undefined ? [] : [[key, secret]],
  );
}

/** The ports that a target is dialled at; none for one that is not elsewhere. */
export function targetPorts({ kind, settings }: Target): number[] {
  switch (kind) {
    case "otlp":
    case "prometheusRemoteWrite":
      return [urlPort(settings.endpoint)];
    case "elasticsearch":
      return settings.endpoints.map(urlPort);
    case "kafka":
      return settings.brokers.map((broker) => Number(broker.slice(broker.lastIndexOf(":") + 1)));
    case "s3":
      return [settings.endpoint === undefined ? 443 : urlPort(settings.endpoint)];
    case "file":
      return [];
  }
}

/** The port that a URL is dialled at. */
export function urlPort(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "http:" ? 80 : 443) : Number(port);
}

/** Environment variable of the collector that holds a fan-out secret. */
export function secretVariable(secret: string): FanOutVariable {
  return `FAN_OUT_${secret.toUpperCase().replaceAll("-", "_")}`;
}

/** The file targets: each has a volume of its own. */
export function fileTargets(settings: Settings): Named<"file", TargetSettings<"file">>[] {
  return named("file", settings.collector.fanOut.file);
}
