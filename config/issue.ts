/** One thing that is wrong in a stack's configuration, and what to do about it. */
export interface ConfigIssue {
  /** Where: `platform.loki.replicas`; empty when it is about the whole file. */
  readonly path: string;
  /** What is wrong, as it reads after the path: `is 0, expected a whole number from 1 to 50`. */
  readonly problem: string;
  /** What to do, as it reads after `Fix: `. */
  readonly fix: string;
}

/** A configuration that cannot be used. Its message is every issue, one a line. */
export class ConfigError extends Error {
  readonly source: string;
  readonly issues: readonly ConfigIssue[];

  constructor(source: string, issues: readonly ConfigIssue[]) {
    super(issues.map((issue) => issueLine(source, issue)).join("\n"));
    this.name = "ConfigError";
    this.source = source;
    this.issues = issues;
  }
}

function issueLine(source: string, { path, problem, fix }: ConfigIssue): string {
  const where = path === "" ? "" : `${path} `;
  const stop = problem.endsWith("?") ? "" : ".";
  return `${source}: ${where}${problem}${stop} Fix: ${fix}.`;
}

/** Steps into a value as one path, spelt as `pulumi config set --path` takes it. */
export function joinPath(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number" || /^\d+$/.test(step)) return `${path}[${step}]`;
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) return `${path}[${JSON.stringify(step)}]`;
    return path === "" ? step : `${path}.${step}`;
  }, "");
}
