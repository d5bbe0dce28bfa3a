import { expect, it } from "vitest";
import { tokensText } from "./secret-values.ts";

it.each([
  [{ default: "a-._~+/9==" }],
  [{ default: "new", "default.previous": "old" }],
  [{ team_a: "x", "team-b": "y" }],
])("takes %j for tokens", (tokens) => {
  expect(tokensText(tokens)).toEqual(tokens);
});

it.each([
  ["none", {}],
  ["a list", ["t"]],
  ["an empty one", { default: "" }],
  ["a number", { default: 5 }],
  ["one that a sender would have to cut", { default: "with space" }],
  ["one that would be two lines of the listener's file", { default: "a\nb" }],
  ["a name that would be a line of its own", { "a\nintruder": "x" }],
  ["only what a rotation has replaced", { "default.previous": "old" }],
])("takes %s for damaged", (_, tokens) => {
  expect(tokensText(tokens)).toBeUndefined();
});
