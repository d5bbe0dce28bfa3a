import { runCommand } from "../../cli/command.ts";
import { helloImage } from "./image.ts";

const command = {
  usage: `node scripts/run.cjs tsx examples/hello/print-image.ts [--registry <host/path>]
  Prints the name and tag by which the example's image is pulled.`,
  options: { registry: { type: "string" } },
  arguments: [],
} as const;

await runCommand(command, process.argv.slice(2), [], ({ values }) => {
  console.log(helloImage.reference(values.registry));
});
