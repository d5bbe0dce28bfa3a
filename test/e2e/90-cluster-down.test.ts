import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { killCluster, removeCgroup } from "../../local/cluster/cgroups.ts";
import { daemonNames } from "../../local/cluster/daemon-spec.ts";
import { layoutOf } from "../../local/cluster/layout.ts";
import { readRecord } from "../../local/cluster/record.ts";
import { eventually } from "./eventually.ts";
import {
  clusterScript,
  deployTraces,
  kubectlInside,
  processOf,
  runInside,
} from "./spare-cluster.ts";
import { spareMachine, type SpareMachine } from "./spare-machine.ts";

const { cluster } = inject("machine");
let machine: SpareMachine;
let before: string;
const helpers: ChildProcess[] = [];

const clusterCommand = (...args: string[]) => runInside(machine, ...args);
const kubectl = (args: readonly string[]) => kubectlInside(machine, args);
const daemonProcess = (name: string) => processOf(machine, name);

async function up(): Promise<string> {
  const { code, text } = await clusterCommand("up");
  expect(code, text).toBe(0);
  return text;
}

async function expectNothingLeft(): Promise<void> {
  expect(machine.processes()).toEqual([]);
  expect((await machine.snapshot()).split("\n")).toEqual(before.split("\n"));
  expect((await machine.inside("ls", [machine.stateDir])).code).not.toBe(0);
}

beforeAll(async () => {
  machine = await spareMachine(cluster.stateDir);
  before = await machine.snapshot();
  const tools = readRecord(layoutOf(cluster.stateDir))?.tools ?? {};
  const file = join(machine.stateDir, "..", "tools");
  writeFileSync(
    file,
    Object.entries(tools)
      .map((pair) => pair.join(" "))
      .join("\n"),
  );
  const { code, text } = await clusterCommand("up", "--tools", file);
  expect(code, text).toBe(0);
  console.log(`  ${text.split("\n").at(-2) ?? ""}`);
  await deployTraces(machine);
}, 240_000);

afterAll(async () => {
  for (const helper of helpers) helper.kill("SIGKILL");
  await clusterCommand("down");
  machine.close();
}, 120_000);

describe("a second up", () => {
  it("keeps what runs", async () => {
    expect(await up()).toMatch(/^the cluster runs already \(checked in \d\.\d s\)$/m);
  });

  it.each(daemonNames)(
    "starts %s again after it was killed, and leaves pods alone",
    async (name) => {
      const podBefore = await kubectl([
        "get",
        "pod",
        "tracer",
        "--output=jsonpath={.metadata.uid}",
      ]);
      process.kill(daemonProcess(name), "SIGKILL");
      expect(await up()).toContain(`started again: ${name} ready in`);
      // A started kubelet reports its node as not ready for a moment, until it has heard from containerd.
      await eventually(
        "the cluster is healthy",
        async () => {
          expect((await clusterCommand("status")).text).toMatch(/^healthy: /);
        },
        30,
      );
      const pod = await kubectl([
        ...["get", "pod", "tracer"],
        "--output=jsonpath={.metadata.uid} {.status.containerStatuses[0].restartCount}",
      ]);
      expect(pod).toBe(`${podBefore} 0`);
    },
    120_000,
  );

  it("never takes a process for a daemon because of its id alone", async () => {
    const bystander = spawn("sleep", ["600"]);
    helpers.push(bystander);
    const file = join(layoutOf(machine.stateDir).run, "scheduler.pid");
    const record = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
    process.kill(record.pid, "SIGKILL");
    writeFileSync(file, JSON.stringify({ ...record, pid: bystander.pid }));
    expect(await up()).toContain("started again: scheduler ready in");
    expect(bystander.exitCode).toBe(null);
    expect(bystander.signalCode).toBe(null);
  }, 120_000);

  it("moves a port that another program has taken", async () => {
    const port = readRecord(layoutOf(machine.stateDir))?.ports.scheduler ?? 0;
    process.kill(daemonProcess("scheduler"), "SIGKILL");
    const listen = `require("node:net").createServer().listen(${port}, "127.0.0.1")`;
    void machine.inside("timeout", ["60", process.execPath, "-e", listen]);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await up()).toContain(
      `port ${port} (scheduler) is taken by another program, 20000 is used`,
    );
  }, 120_000);

  it("shows the end of the log of what does not start, and goes on once it is mended", async () => {
    const tools = join(machine.stateDir, "..", "tools");
    const broken = `${tools}-broken`;
    const program = `${tools}-scheduler`;
    writeFileSync(program, "#!/bin/sh\necho no scheduling today\nexit 1\n", { mode: 0o755 });
    const lines = readFileSync(tools, "utf8").replace(
      /^kube-scheduler .*$/m,
      `kube-scheduler ${program}`,
    );
    writeFileSync(broken, lines);
    const { code, text } = await clusterCommand("up", "--tools", broken);
    expect(code).toBe(1);
    expect(text).toContain("scheduler ended right after its start");
    expect(text).toContain(`the end of ${layoutOf(machine.stateDir).logs}/scheduler.log:`);
    expect(text).toContain("  no scheduling today");
    const mended = await clusterCommand("up", "--tools", tools);
    expect(mended.text).toContain("started again: scheduler");
  }, 120_000);

  it("mends daemons, bridge and firewall at once while pods go on", async () => {
    for (const name of daemonNames) process.kill(daemonProcess(name), "SIGKILL");
    await machine.inside("ip", ["link", "delete", "sightline0"]);
    await machine.inside("iptables", ["-t", "nat", "-F"]);
    expect(await up()).toMatch(/ready in/);
    expect((await clusterCommand("status")).text).toMatch(/^healthy: /);
    expect(await kubectl(["exec", "tracer", "--", "cat", "/data/file"])).toBe("here");
  }, 180_000);

  it("brings everything back after the machine was restarted, volumes and all", async () => {
    const layout = layoutOf(machine.stateDir);
    await killCluster(layout.cgroup);
    await removeCgroup(layout.cgroup);
    const points = `grep -oE " (${machine.stateDir}/|/var/log/(pods|containers))[^ ]*" /proc/self/mounts`;
    const unmount = `for point in $(${points} | tac); do umount --lazy "$point"; done`;
    expect((await machine.inside("sh", ["-c", unmount])).code).toBe(0);
    await machine.inside("sh", [
      "-c",
      "ip link delete sightline0; nft flush ruleset; ipset destroy; rm -rf /run/containerd",
    ]);
    const record = JSON.parse(readFileSync(layout.recordFile, "utf8")) as object;
    writeFileSync(layout.recordFile, JSON.stringify({ ...record, bootId: "an earlier one" }));
    expect(await up()).toMatch(/· dns ready in/);
    // Its status is from before the restart until the kubelet has looked.
    await eventually(
      "the pod is back with its data",
      async () => {
        expect(await kubectl(["exec", "tracer", "--", "cat", "/data/file"])).toBe("here");
      },
      90,
    );
  }, 180_000);
});

describe("another cluster", () => {
  it("is refused on the same machine, with the way out", async () => {
    const { code, stderr } = await machine.inside("env", [
      `SIGHTLINE_STATE=${machine.stateDir}-2`,
      ...[process.execPath, ...clusterScript, "up"],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `another Sightline cluster, of ${machine.stateDir}, is up on this machine`,
    );
    rmSync(`${machine.stateDir}-2`, { recursive: true, force: true });
  });
});

describe("down", () => {
  it("leaves the machine as it was", async () => {
    expect((await clusterCommand("down")).text).toMatch(/^the cluster is gone \(\d+\.\d s\)/);
    await expectNothingLeft();
  }, 60_000);

  it("says so when there is nothing to remove", async () => {
    expect((await clusterCommand("down")).text).toBe(`no cluster of ${machine.stateDir} is here`);
  });

  it("removes a half-dead cluster whose record is gone, but for kernel settings", async () => {
    const file = join(machine.stateDir, "..", "tools");
    expect((await clusterCommand("up", "--tools", file)).code).toBe(0);
    await deployTraces(machine);
    for (const name of ["kubelet", "containerd", "etcd"]) {
      process.kill(daemonProcess(name), "SIGKILL");
    }
    rmSync(layoutOf(machine.stateDir).recordFile);
    expect((await clusterCommand("down")).text).toMatch(/^the cluster is gone/m);
    expect(machine.processes()).toEqual([]);
    const after = await machine.snapshot();
    expect(after).not.toMatch(/KUBE-|CNI-|SIGHTLINE-|sightline0|veth/);
    expect(after).not.toContain(machine.stateDir);
  }, 120_000);
});
