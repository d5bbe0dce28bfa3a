import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig } from "../config/stack-file.ts";
import { edges } from "../config/topology.ts";
import { mermaidPicture, withPicture } from "./picture.ts";

// Draws the production stack's connections into docs/architecture.md; with --check, only says whether they are current.
const projectDir = join(import.meta.dirname, "..");
const path = join(projectDir, "docs", "architecture.md");
const source = "Pulumi.prod.yaml";

const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
const page = readFileSync(path, "utf8");
const current = withPicture(page, mermaidPicture(edges(settings)));
if (!process.argv.includes("--check")) {
  writeFileSync(path, current);
} else if (page !== current) {
  console.error("docs/architecture.md does not draw what is deployed. Fix: `npm run docs`");
  process.exitCode = 1;
}
