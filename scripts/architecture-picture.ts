import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig } from "../config/stack-file.ts";
import { edges } from "../config/topology.ts";
import { mermaidPicture, withPicture } from "./picture.ts";

// Draws the production stack's connections into docs/architecture.md.
const projectDir = join(import.meta.dirname, "..");
const path = join(projectDir, "docs", "architecture.md");
const source = "Pulumi.prod.yaml";

const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
writeFileSync(path, withPicture(readFileSync(path, "utf8"), mermaidPicture(edges(settings))));
