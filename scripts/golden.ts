import { join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig } from "../config/stack-file.ts";
import { renderStack } from "./render-stack.ts";
import { writeRenderedFolder } from "./rendered-folder.ts";

// Renders both stacks anew into test/golden, for a review of what a change does to them.
const projectDir = join(import.meta.dirname, "..");

for (const stack of ["dev", "prod"]) {
  const source = `Pulumi.${stack}.yaml`;
  const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
  const files = await renderStack(settings);
  writeRenderedFolder(join(projectDir, "test", "golden", stack), files);
  console.log(`${stack}: ${files.size} files`);
}
