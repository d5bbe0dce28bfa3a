import { fluentBitOutput } from "../collector-config/fluent-bit.ts";
import { outsideConfig } from "../collector-config/outside.ts";
import { renderCollectorConfig } from "../collector-config/render.ts";
import { placeholderSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { deployPlatform } from "../platform.ts";
import { manifestsOf, renderedFiles } from "./manifests.ts";
import { record } from "./record.ts";
import { sizingPage } from "./sizing-page.ts";

/** What is not deployed: for machines outside the cluster, where they may send at all. */
function outsideFiles(settings: Settings): [string, string][] {
  if (!settings.collector.gateway.public.enabled) return [];
  return [
    ["outside/agent.yaml", renderCollectorConfig(outsideConfig(settings))],
    ["outside/fluent-bit.conf", fluentBitOutput(settings)],
  ];
}

/** Every manifest and generated file of a stack, by path. No cluster, engine, provider or passphrase is needed. */
export async function renderStack(settings: Settings): Promise<Map<string, string>> {
  const resources = await record(() => deployPlatform(settings, placeholderSecrets(settings)));
  return new Map([
    ...renderedFiles(manifestsOf(resources)),
    ["sizing.md", sizingPage(settings)],
    ...outsideFiles(settings),
  ]);
}
