import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { dump, load } from "js-yaml";
import { platformKey, projectName } from "../config/stack-keys.ts";

/** The Pulumi command line with a state backend in a folder of its own, so that no account is needed. */
export interface Engine {
  readonly binary: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where the state of its stacks lies. */
  readonly backendDir: string;
  /** Where the configuration of its stacks lies, as this machine runs them. */
  readonly configDir: string;
}

export interface EngineOptions {
  readonly stateDir: string;
  readonly kubeconfigPath: string | undefined;
  /** Paths of `pulumi`, its language host and its provider. */
  readonly pulumi: string;
  readonly plugins: readonly string[];
}

/** Makes the folders and the passphrase that the local backend needs, once, and names them to the engine. */
export function localEngine(options: EngineOptions): Engine {
  const root = join(options.stateDir, "pulumi");
  const backend = join(root, "backend");
  const configDir = join(root, "stacks");
  const passphraseFile = join(root, "passphrase");
  for (const dir of [backend, configDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(configDir, "Pulumi.yaml"), dump({ name: projectName, runtime: "nodejs" }));
  if (!existsSync(passphraseFile)) {
    writeFileSync(passphraseFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  }
  const toolDirs = [options.pulumi, ...options.plugins].map((path) => dirname(path));
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_")),
  );
  return {
    binary: options.pulumi,
    backendDir: backend,
    configDir,
    env: {
      ...inherited,
      PATH: [...new Set(toolDirs), process.env["PATH"] ?? ""].join(delimiter),
      PULUMI_HOME: join(root, "home"),
      // Without attributes beside each file: they are not written whole, and a killed run leaves an empty one that
      // nothing can read afterwards.
      PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
      // The engine would otherwise fetch the provider of every installed SDK, used or not.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(options.kubeconfigPath === undefined ? {} : { KUBECONFIG: options.kubeconfigPath }),
    },
  };
}

interface StackFile {
  config: Record<string, unknown>;
  encryptionsalt?: string;
}

/**
 * Writes the configuration that a local stack runs with: the checkout's `platform`, changed by what this machine needs,
 * and the secrets that an earlier run made. The checkout's own file stays as it is.
 */
export function writeStackFile(path: string, platform: unknown): void {
  const earlier = existsSync(path)
    ? (load(readFileSync(path, "utf8")) as StackFile | undefined)
    : undefined;
  const file: StackFile = {
    ...earlier,
    config: { ...earlier?.config, [platformKey]: platform },
  };
  writeFileSync(path, dump(file, { sortKeys: true, noRefs: true, lineWidth: -1 }), { mode: 0o600 });
}
