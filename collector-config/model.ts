import type { CollectorVariable } from "../config/mounts.ts";
import type { OutsideVariable } from "../config/outside.ts";
import type { ComponentName } from "./names.ts";

export type Signal = "logs" | "metrics" | "traces";
export type ComponentKind = "receiver" | "processor" | "exporter" | "connector" | "extension";

/** One configured component; `type/purpose` in the collector's own configuration. */
export interface Component<K extends ComponentKind = ComponentKind> {
  readonly kind: K;
  readonly name: ComponentName;
  readonly purpose: string;
  readonly config: ConfigMap;
}

export interface Receiver extends Component<"receiver"> {
  /** `applications`: what comes may hold anything. `collectors`: it has passed a gateway, or a collector has made it. */
  readonly source: "applications" | "collectors";
}
export type Processor = Component<"processor">;
export interface Exporter extends Component<"exporter"> {
  /** `gateways`: what leaves is cleaned there, and may still hold anything. */
  readonly target?: "gateways";
}
export type Connector = Component<"connector">;
export type Extension = Component<"extension">;

/** A pipeline's name, for connectors that choose among pipelines. */
export interface PipelineId {
  readonly signal: Signal;
  readonly purpose: string;
}

/** A pipeline holds its components themselves, so it cannot name one that does not exist. */
export interface Pipeline extends PipelineId {
  readonly receivers: readonly (Receiver | Connector)[];
  readonly processors: readonly Processor[];
  readonly exporters: readonly (Exporter | Connector)[];
}

/** What the arithmetic of a collector is held against. */
export interface Limits {
  readonly containerMiB: number;
  /** Volume of the queues, where they are on disk. */
  readonly queueVolumeMiB: number;
  /** Size that a record in a queue is counted with. */
  readonly recordBytes: number;
}

/** One collector's whole configuration, before it is checked and written. */
export interface CollectorConfig {
  readonly role: string;
  /** Version of the collector that will read it: component types' names depend on it. */
  readonly version: string;
  readonly extensions: readonly Extension[];
  readonly pipelines: readonly Pipeline[];
  readonly telemetry: ConfigMap;
  readonly limits: Limits;
}

/** A component's settings: plain values, and links to what is only named when the file is written. */
export type ConfigValue =
  string | number | boolean | undefined | readonly ConfigValue[] | ConfigMap | Link;
export interface ConfigMap {
  readonly [key: string]: ConfigValue;
}

/** Stands for something that has its name from elsewhere. A class, to be told from a map of settings. */
export class Link {
  readonly target: LinkTarget;

  constructor(target: LinkTarget) {
    this.target = target;
  }
}

export type LinkTarget =
  | { readonly extension: Extension }
  | { readonly pipeline: PipelineId }
  | {
      readonly variable: CollectorVariable | OutsideVariable;
      readonly before: string;
      readonly after: string;
    };

/** The name of an extension, in a component that uses it. */
export function extensionLink(extension: Extension): Link {
  return new Link({ extension });
}

/** The name of a pipeline, in a connector that sends to it. */
export function pipelineLink(pipeline: PipelineId): Link {
  return new Link({ pipeline });
}

/** The value of an environment variable of the collector's container, and what stands around it. */
export function fromEnvironment(
  variable: CollectorVariable | OutsideVariable,
  before = "",
  after = "",
): Link {
  return new Link({ variable, before, after });
}

/** Every link in a component's settings. */
export function linksIn(value: ConfigValue): Link[] {
  if (value instanceof Link) return [value];
  if (typeof value !== "object") return [];
  return Object.values(value as ConfigMap | ConfigValue[]).flatMap(linksIn);
}

/** Every component that a configuration uses, each once. */
export function componentsOf(config: CollectorConfig): Component[] {
  const used = config.pipelines.flatMap((pipeline) => [
    ...pipeline.receivers,
    ...pipeline.processors,
    ...pipeline.exporters,
  ]);
  return [...new Set<Component>([...used, ...config.extensions])];
}

/** A setting by its path, where it is there. */
export function settingAt(component: Component, ...path: string[]): ConfigValue {
  return path.reduce<ConfigValue>((value, key) => {
    if (typeof value !== "object" || value instanceof Link) return undefined;
    return (value as ConfigMap)[key];
  }, component.config);
}

/** `type/purpose` by present names, as messages spell it. */
export function label(component: Component): string {
  return `${component.name}/${component.purpose}`;
}

/** `signal/purpose` of a pipeline. */
export function pipelineLabel({ signal, purpose }: PipelineId): string {
  return `${signal}/${purpose}`;
}
