import { toolNames, type ToolName } from "./catalogue.ts";
import { ensureTools } from "./ensure.ts";

/** `npm run tools [-- name …]`: makes all or the named tools and prints where they are. */
async function main(names: readonly string[]): Promise<number> {
  const isTool = (name: string): name is ToolName => toolNames.some((tool) => tool === name);
  const unknown = names.filter((name) => !isTool(name));
  if (unknown.length > 0) {
    console.error(`no tool is called ${unknown.join(", ")}. There are: ${toolNames.join(", ")}`);
    return 2;
  }
  const wanted = names.length > 0 ? names.filter(isTool) : toolNames;
  try {
    const paths = await ensureTools(wanted, {
      log: (line) => {
        console.error(line);
      },
    });
    for (const name of wanted) console.log(`${name} ${paths[name]}`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
