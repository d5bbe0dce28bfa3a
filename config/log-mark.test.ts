import { expect, test } from "vitest";
import { logMark, markedLine, markHint } from "./log-mark.ts";

const marked = new RegExp(markedLine);
const { field, value, suffix } = logMark;

test.each([
  ["a JSON line", JSON.stringify({ level: 30, msg: "paid", [field]: value })],
  ["a JSON line with spaces, as Python writes it", `{"msg": "paid", "${field}": "${value}"}`],
  ["a text line", `paid${suffix}`],
  ["a text line with a carriage return", `paid${suffix}\r`],
])("%s with the mark is known by it", (_, line) => {
  expect(line).toContain(markHint);
  expect(marked.test(line)).toBe(true);
});

test.each([
  ["without it", JSON.stringify({ msg: "paid" })],
  ["with another value", JSON.stringify({ [field]: "stdout" })],
  ["that quotes a marked one", JSON.stringify({ msg: JSON.stringify({ [field]: value }) })],
  ["that has it in the middle", `wrote${suffix} to the file`],
  ["of a longer word", `paidsightline.delivered=otlp`],
])("a line %s is kept", (_, line) => {
  expect(marked.test(line)).toBe(false);
});
