import { ensureTools } from "../../local/tools/ensure.ts";

/** Makes the validators once, with progress, before the tests ask for their paths. */
export async function setup(): Promise<void> {
  await ensureTools(
    ["otelcol", "loki", "tempo", "prometheus", "promtool", "alertmanager", "amtool", "pulumi"],
    {
      log: (line) => {
        console.log(`  ${line}`);
      },
    },
  );
}
