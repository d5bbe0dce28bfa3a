import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layoutOf, type ClusterLayout } from "./layout.ts";
import { chooseNetwork, choosePorts } from "./network-plan.ts";
import { readRecord, writeRecord, type ClusterRecord } from "./record.ts";

let layout: ClusterLayout;

beforeEach(() => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), "record-")));
});

afterEach(() => {
  rmSync(layout.stateDir, { recursive: true });
});

describe("the cluster's record", () => {
  it("is read as it was written, by its owner only", async () => {
    const record: ClusterRecord = {
      version: 1,
      network: chooseNetwork([]),
      ports: (await choosePorts(undefined, new Set(), () => Promise.resolve(true))).ports,
      baseline: { sysctls: { "net/ipv4/ip_forward": "0" }, absentPaths: [], firewallTables: {} },
      bootId: "boot",
      tools: { kubelet: "/opt/kubelet" },
    };
    writeRecord(layout, record);
    expect(readRecord(layout)).toEqual(record);
    expect(statSync(layout.recordFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(layout.stateDir)).toEqual(["cluster.json"]);
  });

  it("is undefined before there is a cluster", () => {
    expect(readRecord(layout)).toBeUndefined();
  });

  it.each([
    ["half of one", '{"version": 1, "net'],
    ["another version's", '{"version": 2}'],
    ["null", "null"],
  ])("is refused with the fix when it is %s", (_, text) => {
    writeFileSync(layout.recordFile, text);
    expect(() => readRecord(layout)).toThrow(
      `${layout.recordFile} is damaged or of another version, so what the cluster changed on this machine is not known. ` +
        `Fix: run "npm run local:down", then start it again`,
    );
  });
});
