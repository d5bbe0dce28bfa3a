import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../cli/command.ts";
import { summarise, type Assertion, type Stage } from "./test-summary.ts";

const stages = [
  { project: "unit", title: "pure, component, golden and layering tests" },
  { project: "tools", title: "the real validators on what both stacks generate" },
  { project: "e2e", title: "end to end on the embedded cluster" },
] as const;

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

function runStage(project: string, title: string): Stage {
  console.log(`\n── ${project}: ${title}`);
  const dir = mkdtempSync(join(tmpdir(), "sightline-test-"));
  const outputFile = join(dir, "report.json");
  const startedAt = Date.now();
  const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
  const { status } = spawnSync(
    process.execPath,
    [
      vitest,
      "run",
      `--project=${project}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${outputFile}`,
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  try {
    const report = existsSync(outputFile)
      ? (JSON.parse(readFileSync(outputFile, "utf8")) as VitestReport)
      : { testResults: [] };
    return {
      project,
      seconds: (Date.now() - startedAt) / 1_000,
      exitCode: status ?? 1,
      tests: report.testResults.flatMap((file) => file.assertionResults),
      // A file that could not be loaded has no tests to count, but is a failure all the same.
      brokenFiles: report.testResults
        .filter((file) => file.status === "failed" && file.assertionResults.length === 0)
        .map((file) => file.name),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const command = {
  usage: `npm test -- [stage …]
  Runs all tests, or those of the named stages:
${stages.map(({ project, title }) => `    ${project.padEnd(7)} ${title}`).join("\n")}`,
  options: {},
  arguments: [],
  choices: stages.map(({ project }) => project),
};

await runCommand(command, process.argv.slice(2), [], ({ positionals: wanted }) => {
  const results = stages
    .filter(({ project }) => wanted.length === 0 || wanted.includes(project))
    .map(({ project, title }) => runStage(project, title));
  const summary = summarise(results);
  console.log(`\n${summary.text}`);
  process.exitCode = summary.failed > 0 ? 1 : 0;
});
