import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configurationPage } from "./configuration-page.ts";

const path = join(import.meta.dirname, "..", "docs", "configuration.md");

function currentPage(): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const page = configurationPage();
if (!process.argv.includes("--check")) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
} else if (currentPage() !== page) {
  console.error("docs/configuration.md is not what the schema says. Fix: `npm run docs`");
  process.exitCode = 1;
}
