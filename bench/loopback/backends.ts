import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { lokiConfig } from "../../backend-config/loki.ts";
import { prometheusConfig } from "../../backend-config/prometheus.ts";
import { prometheusFlags } from "../../components/prometheus.ts";
import { backendFiles, backendMounts } from "../../config/backend-mounts.ts";
import { endpoints } from "../../config/endpoints.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { mergeOverlay } from "../../config/stack-file.ts";
import { toYaml } from "../../config/yaml.ts";
import { freePort } from "../../local/loopback.ts";
import { Program } from "../processes.ts";

/** A backend that runs on loopback. */
export interface LoopbackBackend {
  readonly program: Program;
  readonly port: number;
  readonly url: string;
}

/** Variables that a pod would have. */
const env = { POD_IP: "127.0.0.1", POD_NAME: "pod-0" };

function write(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Loki with the stack's own configuration, one replica, its data in a folder of the run. */
export async function startLoki(
  binary: string,
  settings: Settings,
  directory: string,
): Promise<LoopbackBackend> {
  const [http, grpc] = [await freePort(), await freePort()];
  const scheduler = { scheduler_address: `127.0.0.1:${grpc}` };
  const moved = load(
    lokiConfig(settings).replaceAll(backendMounts.loki.data, join(directory, "data")),
  );
  const config = mergeOverlay(moved, {
    server: {
      http_listen_port: http,
      grpc_listen_port: grpc,
      http_listen_address: "127.0.0.1",
      grpc_listen_address: "127.0.0.1",
    },
    frontend: scheduler,
    frontend_worker: scheduler,
  });
  const file = write(directory, "loki.yaml", toYaml(config));
  const url = `http://127.0.0.1:${http}`;
  const args = [`-config.file=${file}`, "-config.expand-env=true"];
  const program = await Program.start({
    name: "loki",
    binary,
    args,
    env,
    readyUrl: `${url}/ready`,
  });
  return { program, port: http, url };
}

/** Prometheus with the stack's own configuration, without what needs a cluster to be discovered. */
export async function startPrometheus(
  binary: string,
  settings: Settings,
  directory: string,
): Promise<LoopbackBackend> {
  const port = await freePort();
  const withoutTargets = { scrape_configs: null, rule_files: null, alerting: null };
  const generated = load(prometheusConfig(settings, endpoints(settings)));
  const file = write(directory, "prometheus.yaml", toYaml(mergeOverlay(generated, withoutTargets)));
  const args = prometheusFlags(settings).map((flag) =>
    flag
      .replace(backendFiles.prometheus, file)
      .replace(backendMounts.prometheus.data, join(directory, "data"))
      .replace(`=:${ports.prometheus.http}`, `=127.0.0.1:${port}`),
  );
  const url = `http://127.0.0.1:${port}`;
  const readyUrl = `${url}/-/ready`;
  const program = await Program.start({ name: "prometheus", binary, args, env, readyUrl });
  return { program, port, url };
}
