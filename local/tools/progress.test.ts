import { expect, it } from "vitest";
import { fakeProgram } from "./fixture.ts";
import { duration, Progress } from "./progress.ts";

it("says how far it is and how long the rest takes at this machine's pace", () => {
  const alpha = fakeProgram("alpha", { buildSeconds: 100 });
  const beta = fakeProgram("beta", { buildSeconds: 300 });
  const lines: string[] = [];
  let nowMs = 0;
  const progress = new Progress(
    [alpha, beta],
    (line) => lines.push(line),
    () => nowMs,
  );
  progress.building(alpha);
  nowMs = 200_000;
  progress.done(alpha, "built", 200);
  progress.building(beta);
  nowMs = 860_000;
  progress.done(beta, "built", 660);
  progress.total();
  expect(lines).toEqual([
    "[1/2] alpha 1.2.3: building (about 100 s) · 0 s done, about 7 min left",
    "[1/2] alpha 1.2.3: built in 200 s",
    "[2/2] beta 1.2.3: building (about 600 s) · 3 min done, about 10 min left",
    "[2/2] beta 1.2.3: built in 660 s",
    "tools ready in 14 min: alpha 200 s, beta 660 s",
  ]);
});

it.each([
  [0.4, "0 s"],
  [119, "119 s"],
  [120, "2 min"],
  [1_790, "30 min"],
])("writes %d seconds as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
