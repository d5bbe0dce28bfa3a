import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { withBuildLock } from "./build-lock.ts";
import { scratch } from "./fixture.ts";

it("frees the lock of a killed process, and names the holder until then", async () => {
  const { path, remove } = scratch();
  const module = fileURLToPath(new URL("build-lock.ts", import.meta.url));
  const program = `
    import { withBuildLock } from ${JSON.stringify(module)};
    await withBuildLock(${JSON.stringify(path)}, () => {}, async () => {
      console.log("held");
      await new Promise((resume) => setTimeout(resume, 60_000));
    });`;
  const tsx = fileURLToPath(import.meta.resolve("tsx"));
  const holder = spawn(process.execPath, ["--import", tsx, "--input-type=module", "-e", program]);
  await once(holder.stdout, "data");
  const lines: string[] = [];
  const waited = withBuildLock(
    path,
    (line) => {
      lines.push(line);
      holder.kill("SIGKILL");
    },
    () => Promise.resolve("mine"),
  );
  expect(await waited).toBe("mine");
  expect(lines).toEqual([`tools: waiting for process ${holder.pid ?? 0}, which is making tools`]);
  remove();
});

it("frees the lock when the work fails", async () => {
  const { path, remove } = scratch();
  const silent = (): void => undefined;
  const failing = withBuildLock(path, silent, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  expect(await withBuildLock(path, silent, () => Promise.resolve(1))).toBe(1);
  remove();
});
