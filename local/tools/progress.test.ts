import { expect, it } from "vitest";
import { fakeProgram } from "./fixture.ts";
import { duration, Progress } from "./progress.ts";

it("says how far it is and how long the rest takes at this machine's pace", () => {
  const alpha = fakeProgram("alpha", { buildSeconds: 100 });
  const beta = fakeProgram("beta", { buildSeconds: 300 });
  const gamma = fakeProgram("gamma", { buildSeconds: 200 });
  const lines: string[] = [];
  let nowMs = 0;
  const progress = new Progress(
    [alpha, beta, gamma],
    (line) => lines.push(line),
    2,
    () => nowMs,
  );
  progress.building(alpha);
  progress.building(beta);
  // Twice the measured time for alpha, and half of the machine for beta meanwhile.
  nowMs = 400_000;
  progress.done(alpha, "built", 400);
  progress.building(gamma);
  nowMs = 1_200_000;
  progress.done(beta, "built", 1_200);
  progress.done(gamma, "built", 800);
  progress.total();
  expect(lines).toEqual([
    "[1/3] alpha 1.2.3: building (about 100 s) · 0 s done, about 10 min left",
    "[2/3] beta 1.2.3: building (about 300 s) · 0 s done, about 10 min left",
    "[1/3] alpha 1.2.3: built in 400 s",
    "[3/3] gamma 1.2.3: building (about 248 s) · 7 min done, about 6 min left",
    "[2/3] beta 1.2.3: built in 1200 s",
    "[3/3] gamma 1.2.3: built in 800 s",
    "tools ready in 20 min: alpha 400 s, beta 1200 s, gamma 800 s",
  ]);
});

it("is not misled by a small program that took long", () => {
  const tiny = fakeProgram("tiny", { buildSeconds: 1 });
  const large = fakeProgram("large", { buildSeconds: 600 });
  const lines: string[] = [];
  let nowMs = 0;
  const progress = new Progress(
    [tiny, large],
    (line) => lines.push(line),
    1,
    () => nowMs,
  );
  progress.building(tiny);
  nowMs = 20_000;
  progress.done(tiny, "built", 20);
  progress.building(large);
  expect(lines.at(-1)).toBe(
    "[2/2] large 1.2.3: building (about 694 s) · 20 s done, about 12 min left",
  );
});

it.each([
  [0.4, "0 s"],
  [119, "119 s"],
  [120, "2 min"],
  [1_790, "30 min"],
])("writes %d seconds as %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
