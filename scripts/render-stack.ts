import { placeholderSecrets } from "../config/platform-secrets.ts";
import type { Settings } from "../config/settings.ts";
import { deployPlatform } from "../platform.ts";
import { manifestsOf, renderedFiles } from "./manifests.ts";
import { record } from "./record.ts";
import { sizingPage } from "./sizing-page.ts";

/** Every manifest and generated file of a stack, by path. No cluster, engine, provider or passphrase is needed. */
export async function renderStack(settings: Settings): Promise<Map<string, string>> {
  const resources = await record(() => deployPlatform(settings, placeholderSecrets(settings)));
  return renderedFiles(manifestsOf(resources)).set("sizing.md", sizingPage(settings));
}
