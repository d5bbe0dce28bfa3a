import { runCommand } from "../cli/command.ts";
import { drainImage } from "./image.ts";

const command = {
  usage: `node scripts/run.cjs tsx drain/print-image.ts [--registry <host/path>]
  Prints the name and tag by which the image of the gateways' sidecar is pulled.`,
  options: { registry: { type: "string" } },
  arguments: [],
} as const;

await runCommand(command, process.argv.slice(2), [], ({ values }) => {
  console.log(drainImage.reference(values.registry));
});
