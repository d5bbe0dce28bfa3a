import { serviceHost } from "../../config/endpoints.ts";
import { parseSecret, tokensText } from "../../config/secret-values.ts";
import { readAuthority } from "../../secrets/make.ts";
import { readSecrets, type PulumiCli } from "../../secrets/pulumi-cli.ts";
import type { IngestTarget } from "./https-ingest.ts";
import type { TestStack } from "./stacks.ts";

/** The Pulumi program as it works on a test's stack. */
export function pulumiCli({ stack }: TestStack): PulumiCli {
  const { binary, env } = stack.engine;
  return { binary, env, cwd: stack.projectDir, configFile: stack.configFile };
}

/** What a sender needs for this door: whom to trust under which name, and a token that is taken. */
export async function ingestAccess(
  test: TestStack,
  door: "balancer" | "gateway",
): Promise<{ readonly token: string; readonly target: (url: string) => IngestTarget }> {
  const cli = pulumiCli(test);
  const stored = await readSecrets(cli, test.stack.name);
  const [token = ""] = Object.values(parseSecret(stored.ingestTokens ?? "", tokensText) ?? {});
  const authority = await readAuthority(cli, test.stack.name);
  const serverName = serviceHost(test.settings, door);
  return { token, target: (url) => ({ port: Number(new URL(url).port), serverName, authority }) };
}
