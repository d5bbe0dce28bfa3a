import { runCommand, unknown } from "../cli/command.ts";
import { localDown } from "./down.ts";
import { localUp } from "./up.ts";

const log = (line: string) => {
  console.log(line);
};

const up = {
  usage: `npm run local -- [--stack <name>]
  Brings up an embedded Kubernetes on this machine (or uses the cluster whose context the stack names), deploys the
  stack (dev by default) and follows one request's log, trace and metric to where they are stored.
  Runs again at any time: what runs is kept, what died is mended.
  Touches: Debian packages that are missing (containerd, runc, etcd, CNI plugins, iptables), a bridge and iptables rules
  of its own, the state in \${SIGHTLINE_STATE:-/var/lib/sightline}, tools in \${SIGHTLINE_CACHE:-~/.cache/sightline}.`,
  options: { stack: { type: "string", default: "dev" } },
  arguments: [],
} as const;

const down = {
  usage: `npm run local:down -- [--tools]
  Removes the embedded Kubernetes and all that runs on it, but Debian's packages and the tools; with --tools, the tools
  too.`,
  options: { tools: { type: "boolean", default: false } },
  arguments: [],
} as const;

const [command = "", ...args] = process.argv.slice(2);
// What fails here is the machine or what runs on it: a stack trace would say nothing of that.
const told = [Error];
switch (command) {
  case "up":
    await runCommand(up, args, told, async ({ values }) => {
      await localUp({ stackName: values.stack, log });
    });
    break;
  case "down":
    await runCommand(down, args, told, ({ values }) => localDown({ log, withTools: values.tools }));
    break;
  default:
    throw unknown("command", command, ["up", "down"]);
}
