import { expect, test } from "vitest";
import { Ledger, Tally, together } from "./ledger.ts";

test("missing, doubled and unasked-for records are told apart", () => {
  const ledger = new Ledger(10);
  ledger.acked(0, 1);
  ledger.acked(2, 1);
  const tally = new Tally();
  // All of request 0 but one; request 1, whose answer was lost, in part; of request 2 one record three times.
  for (let counter = 0; counter < 9; counter += 1) tally.found(counter);
  tally.found(10);
  for (let counter = 20; counter < 30; counter += 1) tally.found(counter);
  tally.found(25);
  tally.found(25);
  expect(tally.compare(ledger)).toEqual({
    acked: 20,
    found: 20,
    missing: 1,
    duplicates: 2,
    unacked: 1,
    missingSamples: [9],
  });
});

test("a million records are counted one by one", () => {
  const ledger = new Ledger(1_000);
  const tally = new Tally();
  for (let request = 0; request < 1_000; request += 1) ledger.acked(request, 1);
  for (let counter = 0; counter < 1_000_000; counter += 1) {
    if (counter !== 777_777) tally.found(counter);
  }
  expect(tally.compare(ledger)).toMatchObject({
    missing: 1,
    missingSamples: [777_777],
    found: 999_999,
  });
});

test("writers are added up", () => {
  const one = { acked: 1, found: 2, missing: 3, duplicates: 4, unacked: 5, missingSamples: [6] };
  expect(together([one, one])).toEqual({
    acked: 2,
    found: 4,
    missing: 6,
    duplicates: 8,
    unacked: 10,
    missingSamples: [6, 6],
  });
});
