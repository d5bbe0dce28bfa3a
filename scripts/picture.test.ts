import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../config/parse.ts";
import { readStackConfig } from "../config/stack-file.ts";
import { edges, type Edge } from "../config/topology.ts";
import { mermaidPicture, withPicture } from "./picture.ts";

const projectDir = join(import.meta.dirname, "..");
const edge = (from: Edge["from"], to: Edge["to"], number: number, carries: string): Edge => ({
  from,
  to,
  ports: [{ number, protocol: "TCP" }],
  carries,
});

test("draws each party once, and what flows between them at which port", () => {
  const picture = mermaidPicture([
    edge("applications", "gateway", 4317, "OTLP"),
    edge("gateway", "loki", 3100, "logs"),
    edge("prometheus", "gateway", 8888, "scrape"),
    edge("gateway", "dns", 53, "names"),
  ]);
  expect(picture.split("\n")).toEqual([
    "```mermaid",
    "flowchart LR",
    '  applications(["application pods"])',
    '  gateway["gateway"]',
    '  loki["loki"]',
    '  prometheus["prometheus"]',
    '  applications -- "OTLP<br>4317" --> gateway',
    '  gateway -- "logs<br>3100" --> loki',
    '  prometheus -. "scrape<br>8888" .-> gateway',
    "```",
  ]);
});

test("stands between its marks, in place of the one before", () => {
  const page = "# Title\n<!-- picture: npm run docs -->\nold\n<!-- end of picture -->\nafter\n";
  expect(withPicture(page, "new")).toBe(
    "# Title\n<!-- picture: npm run docs -->\n\nnew\n\n<!-- end of picture -->\nafter\n",
  );
});

test("a page without a place for it is told so", () => {
  expect(() => withPicture("# Title\n", "new")).toThrow(
    "the page has no place for its picture. Fix: write `<!-- picture: npm run docs -->` and `<!-- end of picture -->`",
  );
});

test("docs/architecture.md draws what production deploys (else: npm run docs)", () => {
  const source = "Pulumi.prod.yaml";
  const settings = parseConfig(source, readStackConfig(join(projectDir, source)));
  const page = readFileSync(join(projectDir, "docs", "architecture.md"), "utf8");
  expect(withPicture(page, mermaidPicture(edges(settings)))).toBe(page);
});
