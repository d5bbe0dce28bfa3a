import { basename, join } from "node:path";
import { runCommand } from "../cli/command.ts";
import { ConfigError } from "../config/issue.ts";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay, readStackConfig, stackFile } from "../config/stack-file.ts";
import { readOverlay } from "./overlay.ts";
import { FolderError, writeRenderedFolder } from "./rendered-folder.ts";

const command = {
  usage: `npm run render -- <stack> <folder> [--overlay <file>]
  Writes every manifest of Pulumi.<stack>.yaml into <folder>/manifests, and each generated file by itself into
  <folder>/config; <folder>/sizing.md lists the numbers that follow from others. Secrets are placeholders.
  With --overlay, that file is laid over the stack's \`platform\`.`,
  options: { overlay: { type: "string" } },
  arguments: ["<stack>", "<folder>"],
} as const;

const projectDir = join(import.meta.dirname, "..");
const told = [ConfigError, FolderError];

await runCommand(command, process.argv.slice(2), told, async ({ values, positionals }) => {
  const [stack = "", folder = ""] = positionals;
  const { overlay } = values;
  const source = stackFile(stack);
  const written = readStackConfig(join(projectDir, source));
  const platform = overlay === undefined ? written : mergeOverlay(written, readOverlay(overlay));
  const name = overlay === undefined ? source : `${source} with ${basename(overlay)}`;
  const settings = parseConfig(name, platform);
  // Pulumi takes a second to load: bad configuration is told before.
  const { renderStack } = await import("./render-stack.ts");
  const files = await renderStack(settings);
  writeRenderedFolder(folder, files);
  console.log(`${stack}: ${files.size} files in ${folder}`);
});
