import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../cli/command.ts";
import { ConfigError } from "../config/issue.ts";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig } from "../config/stack-file.ts";
import { edges } from "../config/topology.ts";
import { configurationPage } from "./configuration-page.ts";
import { mermaidPicture, withPicture } from "./picture.ts";

const command = {
  usage: `npm run docs
  Writes docs/configuration.md from the schema, and the production stack's connections into docs/architecture.md.`,
  options: {},
  arguments: [],
} as const;

const projectDir = join(import.meta.dirname, "..");
const source = "Pulumi.prod.yaml";

await runCommand(command, process.argv.slice(2), [ConfigError], () => {
  writeFileSync(join(projectDir, "docs", "configuration.md"), configurationPage());
  const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
  const path = join(projectDir, "docs", "architecture.md");
  writeFileSync(path, withPicture(readFileSync(path, "utf8"), mermaidPicture(edges(settings))));
});
