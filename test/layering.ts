import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import ts from "typescript";

/** `from`, a file of the project, imports `to`: another one by its path, or a package by its name. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
}

const generators = [
  "balancer-config",
  "collector-config",
  "backend-config",
  "dashboards",
  "alerts",
];

/**
 * The layers, lowest first: each folder, or file at the top, with those that it may import from besides itself. What is
 * not here (`scripts`, `test`) stands above them all, and no layer may import from it.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  config: [],
  cli: ["config"],
  kubernetes: ["config"],
  ...Object.fromEntries(generators.map((generator) => [generator, ["config"]])),
  components: ["config", "kubernetes"],
  drain: ["config", "cli", "kubernetes"],
  examples: ["config", "cli", "kubernetes"],
  "platform.ts": ["config", "components", "drain", "examples", ...generators],
  "index.ts": ["config", "platform.ts"],
  program: ["index.ts"],
  secrets: ["config", "cli"],
  local: ["config", "cli", "kubernetes", "secrets", "drain", "examples"],
  // It runs what the stack is made of: generated files on loopback, or the whole stack on the embedded cluster.
  bench: ["config", "cli", "components", ...generators, "secrets", "local", "scripts"],
};

/** Every import in the project's own TypeScript, tests aside. */
export function projectImports(projectDir: string): Import[] {
  return sourceFiles(projectDir).flatMap((file) =>
    importsIn(file, readFileSync(join(projectDir, file), "utf8")),
  );
}

function sourceFiles(projectDir: string, folder = ""): string[] {
  const ignored = new Set(["node_modules", "out", "golden"]);
  return readdirSync(join(projectDir, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.name.startsWith(".") || ignored.has(entry.name)) return [];
    if (entry.isDirectory()) return sourceFiles(projectDir, path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

/** What a file imports, types too. */
export function importsIn(file: string, text: string): Import[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => {
    const isPackage = !fileName.startsWith(".");
    const to = isPackage ? packageName(fileName) : posix.join(dirname(file), fileName);
    return { from: file, to, isPackage };
  });
}

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** What is wrong with one import, as a message; nothing where it is right. */
export function layeringProblem({ from, to, isPackage }: Import): string | undefined {
  const layer = layerOf(from);
  const allowed = layers[layer];
  if (allowed === undefined) return undefined;
  if (isPackage) {
    return to.startsWith("@pulumi/") && generators.includes(layer)
      ? `${from} imports ${to}: generators are pure and know nothing of Pulumi`
      : undefined;
  }
  if (layerOf(to) === layer) {
    return layer === "components"
      ? `${from} imports ${to}: components never import each other; what they share is a function in kubernetes/`
      : undefined;
  }
  if (allowed.includes(layerOf(to))) return undefined;
  const below = allowed.length === 0 ? "nothing else of the project" : `only ${allowed.join(", ")}`;
  return `${from} imports ${to}: ${layer} may import ${below}`;
}

/** A folder at the top, or a file there. */
function layerOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** Circles of imports, each as `a.ts → b.ts → a.ts` and once, whichever of its files it is entered by. */
export function importCycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const entered = path.indexOf(file);
    if (entered >= 0) {
      cycles.push([...path.slice(entered), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}
