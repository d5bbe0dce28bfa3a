import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "out/**", "test/tools/**", "test/e2e/**"],
    // Makes an Output in a template string throw instead of printing a warning into a manifest.
    env: { PULUMI_ERROR_OUTPUT_STRING: "1" },
  },
});
