import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { writeStackFile } from "../../local/pulumi.ts";
import { makeStackSecrets, proveWholeWay } from "../../local/up.ts";
import { outputs, preview, up } from "../../local/stack.ts";
import { podUids } from "./kubectl.ts";
import { testStack, upAndRolled } from "./stacks.ts";

const dev = testStack("dev");
const { stack, settings } = dev;
const log = (line: string) => {
  console.log(`  ${line}`);
};

test("an interrupted up is continued by the next one", async () => {
  await makeStackSecrets(stack, log);
  const { binary, env } = stack.engine;
  const args = ["up", "--yes", "--skip-preview", "--non-interactive"];
  const child = spawn(binary, [...args, "--stack", stack.name, "--config-file", stack.configFile], {
    cwd: stack.projectDir,
    env,
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  // Killed as a power cut would: in the middle of creating, with no chance to clean up.
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("creating")) resolve();
    });
    child.once("close", resolve);
  });
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  await sleep(500);
  await upAndRolled(dev);
  expect(await preview(stack)).not.toHaveProperty("create");
});

test("log, trace and metric of one request are found and linked", async () => {
  const proof = await proveWholeWay(inject("machine"), settings, log);
  expect(proof.traceId).toMatch(/^[0-9a-f]{32}$/);
});

test("a second up changes nothing", async () => {
  const before = await podUids(settings.namespace);
  const startedAt = Date.now();
  const changes = await preview(stack);
  console.log(`  no-op preview: ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
  expect(Object.keys(changes)).toEqual(["same"]);
  await upAndRolled(dev);
  expect(await podUids(settings.namespace)).toEqual(before);
});

test("a changed setting rolls only what it touches", async () => {
  const before = await podUids(settings.namespace);
  testStack("dev", { loki: { retentionDays: 5 } });
  await upAndRolled(dev);
  const after = await podUids(settings.namespace);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const rolled = Object.keys(after).filter((pod) => after[pod] !== before[pod]);
  expect(rolled).toEqual(["loki-0"]);
});

test("a bad setting is refused with its fix and changes nothing", async () => {
  const before = await podUids(settings.namespace);
  // Written past the tests' own check, as somebody's editor would.
  const platform = { ...settings, loki: { ...settings.loki, retentionDays: "31" } };
  writeStackFile(stack.configFile, platform);
  await expect(up(stack, log)).rejects.toThrow(
    /Pulumi\.e2e-dev\.yaml: platform\.loki\.retentionDays is "31".*Fix:/s,
  );
  expect(await podUids(settings.namespace)).toEqual(before);
  testStack("dev", { loki: { retentionDays: 5 } });
});

test("the outputs name the endpoints", async () => {
  expect(await outputs(stack)).toMatchObject({
    endpoints: { otlpGrpc: expect.stringContaining("agent.sightline-e2e-agents.svc") as string },
  });
});
