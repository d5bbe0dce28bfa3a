import { runCommand } from "../../cli/command.ts";
import { toolNames, type ToolName } from "./catalogue.ts";
import { ensureTools } from "./ensure.ts";

const command = {
  usage: `npm run tools -- [name …]
  Makes the pinned tools, or the named ones, where they are not there yet, and prints where each is:
    ${toolNames.join(", ")}`,
  options: {},
  arguments: [],
  choices: toolNames,
} as const;

const isTool = (name: string): name is ToolName => toolNames.some((tool) => tool === name);

await runCommand(command, process.argv.slice(2), [Error], async ({ positionals }) => {
  const wanted = positionals.length > 0 ? positionals.filter(isTool) : toolNames;
  const paths = await ensureTools(wanted, {
    log: (line) => {
      console.error(line);
    },
  });
  for (const name of wanted) console.log(`${name} ${paths[name]}`);
});
