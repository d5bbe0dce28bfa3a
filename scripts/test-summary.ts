export interface Assertion {
  readonly fullName: string;
  readonly status: string;
}

export interface Stage {
  readonly project: string;
  readonly seconds: number;
  readonly exitCode: number;
  readonly tests: readonly Assertion[];
  readonly brokenFiles: readonly string[];
}

/** Stands in the title of a test that needs what cannot be had on this machine; test/not-run-here.ts writes it. */
export const notRunMark = "[not run here:";

/** Counts what ran. A skipped test is a failure unless its title says what it would have needed. */
export function summarise(stages: readonly Stage[]): { text: string; failed: number } {
  const tests = stages.flatMap((stage) => stage.tests);
  const passed = tests.filter((test) => test.status === "passed").length;
  const skipped = tests.filter((test) => test.status !== "passed" && test.status !== "failed");
  const notRun = skipped.filter((test) => test.fullName.includes(notRunMark));
  const silent = skipped.filter((test) => !test.fullName.includes(notRunMark));
  const broken = stages.flatMap((stage) => stage.brokenFiles);
  const failedTests = tests.filter((test) => test.status === "failed");
  const unexplained = stages.filter(
    (stage) =>
      stage.exitCode !== 0 &&
      stage.brokenFiles.length === 0 &&
      stage.tests.every((test) => test.status !== "failed"),
  );
  const empty = stages.filter((stage) => stage.exitCode === 0 && stage.tests.length === 0);
  const failed =
    failedTests.length + silent.length + broken.length + unexplained.length + empty.length;
  const lines = [
    ...stages.map((stage) => `${stage.project}: ${stage.seconds.toFixed(0)} s`),
    ...list(
      "Not run here",
      notRun.map((test) => test.fullName),
    ),
    ...list(
      "Skipped without a reason, so counted as failed",
      silent.map((test) => test.fullName),
    ),
    ...list("Files that could not be loaded", broken),
    ...list(
      "Stages that failed outside of a test",
      unexplained.map((stage) => stage.project),
    ),
    ...list(
      "Stages without a single test",
      empty.map((stage) => stage.project),
    ),
    ...list(
      "Failed",
      failedTests.map((test) => test.fullName),
    ),
    `${passed} passed, ${failed} failed${notRun.length === 0 ? "" : `, ${notRun.length} skipped`}`,
  ];
  return { text: lines.join("\n"), failed };
}

function list(title: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`${title}:`, ...entries.map((entry) => `  ${entry}`)];
}
