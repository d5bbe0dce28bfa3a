import type { ConfigIssue } from "../config/issue.ts";
import {
  componentsOf,
  label,
  linksIn,
  pipelineLabel,
  type CollectorConfig,
  type Component,
  type Pipeline,
} from "./model.ts";

/** Extensions that work for the whole collector, so that no component has to name them. */
const standAlone: ReadonlySet<Component["name"]> = new Set(["health_check"]);

function sameName({ pipelines, ...config }: CollectorConfig): ConfigIssue[] {
  const components = componentsOf({ pipelines, ...config });
  const twice = repeated(components.map((component) => `${component.kind} ${label(component)}`));
  const pipelinesTwice = repeated(
    pipelines.map((pipeline) => `pipeline ${pipelineLabel(pipeline)}`),
  );
  return [...twice, ...pipelinesTwice].map((path) => ({
    path,
    problem: "is defined twice, differently",
    fix: "share one object, or give each a purpose of its own",
  }));
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function emptyPipelines({ pipelines }: CollectorConfig): ConfigIssue[] {
  return pipelines.flatMap((pipeline) =>
    (["receivers", "exporters"] as const)
      .filter((end) => pipeline[end].length === 0)
      .map((end) => ({
        path: `pipeline ${pipelineLabel(pipeline)}`,
        problem: `has no ${end}`,
        fix: `add one, or remove the pipeline`,
      })),
  );
}

/** A connector ends some pipelines and begins others; with one side only, what it takes goes nowhere. */
function halfConnected({ pipelines }: CollectorConfig): ConfigIssue[] {
  const begun = connectors(pipelines, "receivers");
  const ended = connectors(pipelines, "exporters");
  const halves = [
    ...[...ended].filter((one) => !begun.has(one)).map((one) => [one, "receivers"] as const),
    ...[...begun].filter((one) => !ended.has(one)).map((one) => [one, "exporters"] as const),
  ];
  return halves.map(([connector, side]) => ({
    path: `connector ${label(connector)}`,
    problem: `is among no pipeline's ${side}`,
    fix: `name it in the ${side} of a pipeline`,
  }));
}

function connectors(
  pipelines: readonly Pipeline[],
  side: "receivers" | "exporters",
): Set<Component> {
  const all: Component[] = pipelines.flatMap((pipeline) => [...pipeline[side]]);
  return new Set(all.filter(({ kind }) => kind === "connector"));
}

function unknownLinks(config: CollectorConfig): ConfigIssue[] {
  const known = new Set(config.pipelines.map(pipelineLabel));
  return componentsOf(config).flatMap((component) =>
    linksIn(component.config).flatMap(({ target }): ConfigIssue[] => {
      const path = `${component.kind} ${label(component)}`;
      if ("pipeline" in target && !known.has(pipelineLabel(target.pipeline))) {
        const problem = `sends to pipeline ${pipelineLabel(target.pipeline)}, which is not there`;
        return [{ path, problem, fix: `define it; there are ${[...known].join(", ")}` }];
      }
      if ("extension" in target && !config.extensions.includes(target.extension)) {
        const problem = `uses extension ${label(target.extension)}, which is not started`;
        return [{ path, problem, fix: "add it to the collector's extensions" }];
      }
      return [];
    }),
  );
}

function unusedExtensions(config: CollectorConfig): ConfigIssue[] {
  const used = new Set<Component>(
    componentsOf(config)
      .flatMap(({ config: settings }) => linksIn(settings))
      .flatMap(({ target }) => ("extension" in target ? [target.extension] : [])),
  );
  return config.extensions
    .filter((extension) => !standAlone.has(extension.name) && !used.has(extension))
    .map((extension) => ({
      path: `extension ${label(extension)}`,
      problem: "is started, but nothing uses it",
      fix: "use it, or remove it",
    }));
}

/** What is named must be there, and what is there must be used. */
export const wiringChecks = [
  sameName,
  emptyPipelines,
  halfConnected,
  unknownLinks,
  unusedExtensions,
] as const;
