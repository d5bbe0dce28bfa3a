import { markedLine, markHint } from "../config/log-mark.ts";
import { collectorContainerName, collectorMounts } from "../config/mounts.ts";
import { platformNamespaces } from "../config/namespaces.ts";
import { extensionLink, type ConfigMap, type Extension, type Receiver } from "./model.ts";

/** What an injected logger has delivered by itself. */
const dropMarked: ConfigMap = {
  type: "filter",
  id: "delivered-over-otlp",
  expr: `body contains ${text(markHint)} and body matches ${text(markedLine)}`,
};

/**
 * What a debug exporter prints came through a collector, and printing it would make it come again, without end: also where
 * the two collectors are of two stacks that read each other's logs.
 */
const dropDebugExporter: ConfigMap = {
  type: "filter",
  id: "printed-by-debug-exporter",
  expr: `body contains ${text('"otelcol.component.id":"debug/')}`,
};

/** A string of the operators' expression language, in which nothing is escaped. */
function text(value: string): string {
  return `\`${value}\``;
}

/** Undoes the runtime's format: time, stream, lines that it has split, and the pod by the file's path. */
const container: ConfigMap = { type: "container", id: "container" };

/** Has done its work once the line is put together, and would be stored with each one. */
const forgetFile = ["logtag", "log.file.path"].map((name): ConfigMap => ({
  type: "remove",
  id: `forget-${name.replaceAll(".", "-")}`,
  field: `attributes["${name}"]`,
  on_error: "send_quiet",
}));

interface TailArgs {
  readonly purpose: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly operators: readonly ConfigMap[];
  readonly storage: Extension;
}

function tail({ purpose, include, exclude, operators, storage }: TailArgs): Receiver {
  return {
    kind: "receiver",
    name: "file_log",
    purpose,
    source: "applications",
    config: {
      include: include.flatMap(withRotated),
      exclude: exclude.flatMap(withRotated),
      // A pod may have printed before the agent came to its node. What it had printed long ago comes too, once.
      start_at: "beginning",
      include_file_name: false,
      include_file_path: true,
      poll_interval: "200ms",
      // A runtime may split a long line behind a space.
      preserve_trailing_whitespaces: true,
      // A longer line comes in parts of this size.
      max_log_size: "1MiB",
      storage: extensionLink(storage),
      // Until it is taken: reading waits meanwhile, and the node keeps the files.
      retry_on_failure: {
        enabled: true,
        initial_interval: "1s",
        max_interval: "30s",
        max_elapsed_time: "0s",
      },
      operators: [container, ...operators],
    },
  };
}

/** The kubelet renames a full file and packs it later: the name in between holds what was not read before. */
function withRotated(path: string): string[] {
  return [`${path}/*.log`, `${path}/*.log.????????-??????`];
}

const everywhere = `${collectorMounts.podLogs}/*/*`;

function ownPaths(platformNamespace: string): string[] {
  return platformNamespaces(platformNamespace).map(
    (namespace) => `${collectorMounts.podLogs}/${namespace}_*/${collectorContainerName}`,
  );
}

/** What every container of the node prints, but the stack's own collectors. */
export function podLogs(platformNamespace: string, storage: Extension): Receiver {
  return tail({
    purpose: "pods",
    include: [everywhere],
    exclude: ownPaths(platformNamespace),
    operators: [dropMarked, dropDebugExporter, ...forgetFile],
    storage,
  });
}

/** What the stack's collectors print: JSON of one known form. */
export function collectorLogs(platformNamespace: string, storage: Extension): Receiver {
  return tail({
    purpose: "collectors",
    include: ownPaths(platformNamespace),
    exclude: [],
    operators: [dropDebugExporter, ...forgetFile, ...ownFormat],
    storage,
  });
}

const whereJson = 'body startsWith "{"';
const whereParsed = 'attributes["msg"] != nil';

const ownFormat: readonly ConfigMap[] = [
  {
    type: "json_parser",
    id: "own-format",
    if: whereJson,
    parse_to: "attributes",
    on_error: "send_quiet",
    severity: { parse_from: "attributes.level", on_error: "send_quiet" },
  },
  ...["level", "ts", "resource"].map((name): ConfigMap => ({
    type: "remove",
    id: `forget-${name}`,
    if: whereParsed,
    field: `attributes["${name}"]`,
    on_error: "send_quiet",
  })),
  {
    type: "move",
    id: "message",
    if: whereParsed,
    from: 'attributes["msg"]',
    to: "body",
    on_error: "send_quiet",
  },
];
