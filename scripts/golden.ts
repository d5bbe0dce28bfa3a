import { join } from "node:path";
import { runCommand } from "../cli/command.ts";
import { ConfigError } from "../config/issue.ts";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig, stackFile } from "../config/stack-file.ts";
import { renderStack } from "./render-stack.ts";
import { FolderError, writeRenderedFolder } from "./rendered-folder.ts";

const command = {
  usage: `npm run golden
  Renders both stacks anew into test/golden: read in \`git diff\` what a change does to them before you commit it.`,
  options: {},
  arguments: [],
} as const;

const projectDir = join(import.meta.dirname, "..");

await runCommand(command, process.argv.slice(2), [ConfigError, FolderError], async () => {
  for (const stack of ["dev", "prod"]) {
    const source = stackFile(stack);
    const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
    const files = await renderStack(settings);
    writeRenderedFolder(join(projectDir, "test", "golden", stack), files);
    console.log(`${stack}: ${files.size} files`);
  }
});
