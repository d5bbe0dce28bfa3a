import { expect, test } from "vitest";
import { filesChecksum } from "./config-files.ts";

test("the order of files does not matter", () => {
  expect(filesChecksum({ a: "1", b: "2" })).toBe(filesChecksum({ b: "2", a: "1" }));
});

test.each([
  ["another content", { a: "2" }],
  ["another name", { b: "1" }],
  ["another file", { a: "1", b: "" }],
  ["the content moved to the name", { "a\0": "1" }],
])("%s is another checksum", (_, files: Record<string, string>) => {
  expect(filesChecksum(files)).not.toBe(filesChecksum({ a: "1" }));
});
