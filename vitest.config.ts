import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Makes an Output in a template string throw instead of printing a warning into a manifest.
const env = { PULUMI_ERROR_OUTPUT_STRING: "1" };

/** The end-to-end files are numbered: each builds on what the one before left. */
class ByName extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byName = (a: TestSpecification, b: TestSpecification) =>
      a.moduleId < b.moduleId ? -1 : 1;
    return Promise.resolve([...files].sort(byName));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: [
            "node_modules/**",
            "out/**",
            "examples/*/node_modules/**",
            "test/{tools,e2e}/**",
          ],
          // A whole stack is deployed in a second, but not on a machine that builds tools beside it.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          env,
        },
      },
      {
        test: {
          name: "tools",
          include: ["test/tools/**/*.test.ts"],
          globalSetup: "test/tools/setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          env,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/setup.ts",
          // Progress lines of long tests come as they are, without a heading each.
          disableConsoleIntercept: true,
          // One cluster serves all, and a file's number says when it runs.
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          env,
        },
      },
    ],
  },
});
