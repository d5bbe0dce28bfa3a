import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../config/issue.ts";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay, readStackConfig, stackFile } from "../config/stack-file.ts";
import { readOverlay } from "./overlay.ts";
import { FolderError, writeRenderedFolder } from "./rendered-folder.ts";

const usage = `npm run render -- <stack> <folder> [--overlay <file>]
  Writes every manifest of Pulumi.<stack>.yaml into <folder>/manifests, and each generated file by itself into
  <folder>/config. Secrets are placeholders. With --overlay, that file is laid over the stack's \`platform\`.`;

class UsageError extends Error {}

const projectDir = join(import.meta.dirname, "..");

async function render(args: readonly string[]): Promise<void> {
  const { stack, folder, overlay } = parsed(args);
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
}

function parsed(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { overlay: { type: "string" } },
    });
    const [stack, folder, ...others] = positionals;
    if (stack !== undefined && folder !== undefined && folder !== "" && others.length === 0) {
      return { stack, folder, overlay: values.overlay };
    }
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
  throw new UsageError(usage);
}

try {
  await render(process.argv.slice(2));
} catch (error) {
  const isExpected = [ConfigError, FolderError, UsageError].some((kind) => error instanceof kind);
  console.error(isExpected && error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
