import { defineConfig } from "vitest/config";

// Makes an Output in a template string throw instead of printing a warning into a manifest.
const env = { PULUMI_ERROR_OUTPUT_STRING: "1" };

export default defineConfig({
  test: {
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
          // One cluster serves all, and a file's number says when it runs.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 600_000,
          env,
        },
      },
    ],
  },
});
