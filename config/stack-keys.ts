import { didYouMean } from "./did-you-mean.ts";
import type { ConfigIssue } from "./issue.ts";
import { secretKeys } from "./secrets.ts";

/** The project's name in Pulumi.yaml: what its keys in a stack file begin with. */
export const projectName = "sightline";

/** The key of the whole configuration in a stack file. */
export const platformKey = `${projectName}:platform`;

const knownKeys = ["platform", ...Object.keys(secretKeys)];

/**
 * Keys that Pulumi would take and nothing would read, and secrets that were stored in plain. `keys` are a stack's whole
 * keys, `isEncrypted` says of one how it is stored. Keys of other packages (`kubernetes:…`) are theirs.
 */
export function stackKeyIssues(
  keys: readonly string[],
  isEncrypted: (key: string) => boolean,
): ConfigIssue[] {
  return keys
    .filter((key) => key.startsWith(`${projectName}:`))
    .flatMap((key): ConfigIssue[] => {
      const name = key.slice(projectName.length + 1);
      if (!knownKeys.includes(name)) return [unknownKey(key, name)];
      if (name === "platform" || isEncrypted(key)) return [];
      const fix = `take it for leaked: remove it with \`pulumi config rm ${name}\`, then store a new one by \`npm run secrets\` or \`pulumi config set --secret ${name}\``;
      return [{ path: key, problem: "is a secret stored in plain text", fix }];
    });
}

function unknownKey(key: string, name: string): ConfigIssue {
  if (name.startsWith("platform.") || name.startsWith("platform[")) {
    const fix = `\`pulumi config rm ${name}\`, then \`pulumi config set --path ${name} <value>\``;
    return { path: key, problem: "was set without --path, so nothing reads it", fix };
  }
  const near = didYouMean(name, knownKeys);
  const fix = near === undefined ? `remove it; known: ${knownKeys.join(", ")}` : `write ${near}`;
  const problem = near === undefined ? "is unknown" : `is unknown: did you mean ${near}?`;
  return { path: key, problem, fix };
}
