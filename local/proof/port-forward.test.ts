import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kubectlArgs, withPortForwards } from "./port-forward.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "port-forward-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A stand-in for kubectl, as a shell script that notes its arguments and its end. */
function kubectl(script: string) {
  const program = join(directory, "kubectl");
  const notes = [`echo "$@" >> ${directory}/calls`, `trap 'touch ${directory}/ended; exit 0' TERM`];
  writeFileSync(program, ["#!/bin/sh", ...notes, script, ""].join("\n"));
  chmodSync(program, 0o755);
  return { program, kubeconfig: "/state/kubeconfig" };
}

const opens = 'echo "Forwarding from 127.0.0.1:40123 -> 3100"; while :; do sleep 0.05; done';
const loki = { namespace: "sightline", resource: "svc/loki", port: 3100 };

test("a port is open while the work runs, and closed after it", async () => {
  const tool = kubectl(opens);
  const urls = await withPortForwards(tool, { loki }, (opened) => {
    expect(existsSync(join(directory, "ended"))).toBe(false);
    return Promise.resolve(opened);
  });
  expect(urls).toEqual({ loki: "http://127.0.0.1:40123" });
  expect(existsSync(join(directory, "ended"))).toBe(true);
  expect(readFileSync(join(directory, "calls"), "utf8").trim()).toBe(
    "--kubeconfig /state/kubeconfig -n sightline port-forward --address 127.0.0.1 svc/loki :3100",
  );
});

test("it is closed when the work fails, too", async () => {
  const failed = withPortForwards(kubectl(opens), { loki }, () => {
    return Promise.reject(new Error("the work failed"));
  });
  await expect(failed).rejects.toThrow("the work failed");
  expect(existsSync(join(directory, "ended"))).toBe(true);
});

test("what kubectl says is the reason when no port opens", async () => {
  const script = `echo 'Error from server (NotFound): services "loki" not found' >&2; exit 1`;
  await expect(
    withPortForwards(kubectl(script), { loki }, () => Promise.resolve()),
  ).rejects.toThrow(
    "kubectl -n sightline port-forward --address 127.0.0.1 svc/loki :3100: ended with 1; " +
      'Error from server (NotFound): services "loki" not found',
  );
});

test("a kubectl that is not there is named", async () => {
  const nowhere = { program: join(directory, "nowhere") };
  await expect(withPortForwards(nowhere, { loki }, () => Promise.resolve())).rejects.toThrow(
    /spawn .*nowhere ENOENT/,
  );
});

test("without a kubeconfig the user's own is used, in the context that is named", () => {
  expect(kubectlArgs({ program: "kubectl" })).toEqual([]);
  expect(kubectlArgs({ program: "kubectl", context: "kind-dev" })).toEqual([
    "--context",
    "kind-dev",
  ]);
});
