import { parseArgs } from "node:util";
import { localDown } from "./down.ts";
import { localUp } from "./up.ts";

const usage = `npm run local -- [--stack <name>]
  Brings up an embedded Kubernetes on this machine (or uses the cluster whose context the stack names), deploys the
  stack (dev by default) and follows one request's log, trace and metric to where they are stored.
  Runs again at any time: what runs is kept, what died is mended.
  Touches: Debian packages that are missing (containerd, runc, etcd, CNI plugins, iptables), a bridge and iptables rules
  of its own, the state in \${SIGHTLINE_STATE:-/var/lib/sightline}, tools in \${SIGHTLINE_CACHE:-~/.cache/sightline}.

npm run local:down -- [--tools]
  Removes all of it but Debian's packages and the tools; with --tools, the tools too.`;

async function main(): Promise<void> {
  const log = (line: string) => {
    console.log(line);
  };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "dev" },
      tools: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, ...others] = positionals;
  if (values.help) {
    log(usage);
    return;
  }
  if (command === "up" && others.length === 0) {
    await localUp({ stackName: values.stack, log });
  } else if (command === "down" && others.length === 0) {
    await localDown({ log, withTools: values.tools });
  } else {
    throw new Error(`unknown arguments: ${positionals.join(" ")}\n\n${usage}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
