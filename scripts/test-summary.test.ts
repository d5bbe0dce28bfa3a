import { expect, test } from "vitest";
import { summarise, type Stage } from "./test-summary.ts";

const stage = (change: Partial<Stage>): Stage => ({
  project: "unit",
  seconds: 1.4,
  exitCode: 0,
  tests: [{ fullName: "adds", status: "passed" }],
  brokenFiles: [],
  ...change,
});

const tables: [string, Stage[], { failed: number; last: string }][] = [
  ["all passed", [stage({})], { failed: 0, last: "1 passed, 0 failed" }],
  [
    "a failed test",
    [stage({ exitCode: 1, tests: [{ fullName: "adds", status: "failed" }] })],
    { failed: 1, last: "0 passed, 1 failed" },
  ],
  [
    "a skip without a reason",
    [stage({ tests: [{ fullName: "adds", status: "skipped" }] })],
    { failed: 1, last: "0 passed, 1 failed" },
  ],
  [
    "a skip that says what it needs",
    [
      stage({
        tests: [
          { fullName: "adds", status: "passed" },
          { fullName: "draws [not run here: no Grafana image]", status: "skipped" },
        ],
      }),
    ],
    { failed: 0, last: "1 passed, 0 failed, 1 skipped" },
  ],
  [
    "a file that cannot be loaded",
    [stage({ exitCode: 1, brokenFiles: ["a.test.ts"] })],
    { failed: 1, last: "1 passed, 1 failed" },
  ],
  [
    "a crash outside of any test",
    [stage({ exitCode: 1 })],
    { failed: 1, last: "1 passed, 1 failed" },
  ],
  ["a stage that found no test", [stage({ tests: [] })], { failed: 1, last: "0 passed, 1 failed" }],
];

test.each(tables)("%s", (_, stages, expected) => {
  const { text, failed } = summarise(stages);
  expect({ failed, last: text.split("\n").at(-1) }).toEqual(expected);
});
