import { toYaml } from "../config/yaml.ts";
import { checkCollectorConfig } from "./check.ts";
import {
  componentsOf,
  Link,
  pipelineLabel,
  type CollectorConfig,
  type Component,
  type ComponentKind,
  type ConfigMap,
  type ConfigValue,
  type LinkTarget,
} from "./model.ts";
import { typeName } from "./names.ts";

/** The collector's own file. Refuses a configuration that does not hold together, with everything that is wrong. */
export function renderCollectorConfig(config: CollectorConfig): string {
  checkCollectorConfig(config);
  return toYaml(collectorDocument(config));
}

/** The same as a plain object, unchecked. */
export function collectorDocument(config: CollectorConfig): Record<string, unknown> {
  const components = componentsOf(config);
  const id = (component: Component) => componentId(component, config.version);
  const section = (kind: ComponentKind) => {
    const entries = components
      .filter((component) => component.kind === kind)
      .map((component) => [id(component), plainMap(component.config, config.version)]);
    return entries.length === 0 ? undefined : (Object.fromEntries(entries) as object);
  };
  const pipelines = config.pipelines.map((pipeline) => [
    pipelineLabel(pipeline),
    {
      receivers: pipeline.receivers.map(id),
      processors: pipeline.processors.map(id),
      exporters: pipeline.exporters.map(id),
    },
  ]);
  return {
    extensions: section("extension"),
    receivers: section("receiver"),
    processors: section("processor"),
    connectors: section("connector"),
    exporters: section("exporter"),
    service: {
      extensions: config.extensions.map(id),
      pipelines: Object.fromEntries(pipelines) as object,
      telemetry: plainMap(config.telemetry, config.version),
    },
  };
}

function componentId(component: Component, version: string): string {
  return `${typeName(component.name, version)}/${component.purpose}`;
}

function plainMap(map: ConfigMap, version: string): Record<string, unknown> {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value, version)]));
}

function plain(value: ConfigValue, version: string): unknown {
  if (value instanceof Link) return linkText(value.target, version);
  // The collector reads `$` as the start of a substitution; doubled, it is the character.
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (typeof value !== "object") return value;
  if (isList(value)) return value.map((item) => plain(item, version));
  return plainMap(value, version);
}

/** `Array.isArray` does not tell a readonly list from a map. */
function isList(value: readonly ConfigValue[] | ConfigMap): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

function linkText(target: LinkTarget, version: string): string {
  if ("extension" in target) return componentId(target.extension, version);
  if ("pipeline" in target) return pipelineLabel(target.pipeline);
  return `${target.before}\${env:${target.variable}}${target.after}`;
}
