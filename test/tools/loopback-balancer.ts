import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { balancerConfig } from "../../balancer-config/balancer.ts";
import { renderHaproxy } from "../../balancer-config/haproxy.ts";
import { renewalScript } from "../../balancer-config/renewal.ts";
import { balancerFiles, balancerHealthPath } from "../../config/balancer-mounts.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { until } from "./loopback-collector.ts";
import type { IngestFiles } from "./loopback-gateway.ts";

export interface LoopbackBalancerArgs {
  readonly binary: string;
  readonly settings: Settings;
  readonly files: IngestFiles;
  /** Address on which it listens, at the very ports of the platform. */
  readonly host: string;
  /** Asked for the gateways' addresses, as the cluster's DNS would be. */
  readonly nameServer: string;
}

export interface LoopbackBalancer extends AsyncDisposable {
  readonly pid: number;
  /** The value of one series of its metrics, by the beginning of its line. */
  metric(series: string): Promise<number | undefined>;
  log(): string;
  /** Sends SIGUSR1, as the image's stop signal does, and waits for the end; gives the seconds that it took. */
  stop(): Promise<number>;
}

/** Writes the generated files with their places on this machine, and gives the path of the configuration. */
export function writeBalancerFiles(args: Omit<LoopbackBalancerArgs, "binary">): string {
  const { settings, files, host, nameServer } = args;
  const directory = join(files.directory, `balancer-${host}`);
  mkdirSync(directory, { recursive: true });
  const config = join(directory, "haproxy.cfg");
  const renewal = join(directory, "renewal.lua");
  const places: readonly [string, string][] = [
    [balancerFiles.renewal, renewal],
    [balancerFiles.authority, join(files.directory, "ca.crt")],
    [balancerFiles.certificate, join(files.directory, "tls.crt")],
    [balancerFiles.key, join(files.directory, "tls.key")],
    ["parse-resolv-conf", `nameserver test ${nameServer}`],
    ["bind :", `bind ${host}:`],
  ];
  const placed = (text: string) =>
    places.reduce((written, [from, to]) => written.replaceAll(from, to), text);
  writeFileSync(renewal, placed(renewalScript()).replace("core.sleep(20)", "core.sleep(1)"));
  writeFileSync(config, placed(renderHaproxy(balancerConfig(settings))));
  return config;
}

export async function runBalancer(args: LoopbackBalancerArgs): Promise<LoopbackBalancer> {
  const config = writeBalancerFiles(args);
  const own = `http://${args.host}:${ports.balancer.metrics}`;
  const haproxy = spawn(args.binary, ["-db", "-f", config]);
  let log = "";
  for (const stream of [haproxy.stdout, haproxy.stderr]) {
    stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  }
  const ended = new Promise((resolve) => haproxy.once("exit", resolve));
  await until("the balancer is healthy", async () => {
    if (haproxy.exitCode !== null) throw new Error(`The balancer ended:\n${log}`);
    return fetch(`${own}${balancerHealthPath}`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    pid: haproxy.pid ?? 0,
    log: () => log,
    metric: async (series) => {
      const text = await (await fetch(`${own}/metrics`)).text();
      const line = text.split("\n").find((one) => one.startsWith(series));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    },
    stop: async () => {
      const from = Date.now();
      haproxy.kill("SIGUSR1");
      await ended;
      return (Date.now() - from) / 1_000;
    },
    async [Symbol.asyncDispose]() {
      haproxy.kill("SIGTERM");
      await Promise.race([ended, sleep(5_000, undefined, { ref: false })]);
      haproxy.kill("SIGKILL");
    },
  };
}
