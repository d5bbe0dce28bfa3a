/** It is warned of programs that `local/pulumi.ts` itself put on the PATH. */
const ownPlugins = /: using pulumi-\S+ from \$PATH at /;

/** What the engine warned of in a run that went well, each as `<name> (<type>): <text>`. It lists them after its changes. */
export function engineWarnings(output: string): string[] {
  const lines = output.split("\n");
  const start = lines.indexOf("Diagnostics:");
  if (start < 0) return [];
  const length = lines.slice(start + 1).findIndex((line) => /^\S/.test(line));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const warnings: string[][] = [];
  let resource = "";
  let current: string[] | undefined;
  for (const line of section) {
    const [, type, name] = /^ {2}(\S+) \((.+)\):$/.exec(line) ?? [];
    const [, text] = /^ {4}warning: (.*)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      resource = `${name} (${type})`;
    } else if (text !== undefined) {
      current = [`${resource}: ${text}`];
      warnings.push(current);
    } else if (line === "" || /^ {4}(error|info|debug): /.test(line)) {
      current = undefined;
    } else {
      current?.push(line.trim());
    }
  }
  const texts = warnings.map((parts) => parts.join(" ")).filter((text) => !ownPlugins.test(text));
  return [...new Set(texts)];
}
