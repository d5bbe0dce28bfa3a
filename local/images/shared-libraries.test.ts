import { expect, test } from "vitest";
import { parseLdd, sharedLibraries } from "./shared-libraries.ts";

test("libraries and the loader are read from ldd's lines, the kernel's own page is not", () => {
  const output = [
    "\tlinux-vdso.so.1 (0x00007f5e2c3f5000)",
    "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f5e2c2ff000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f5e2c3f7000)",
  ].join("\n");
  expect(parseLdd("node", output)).toEqual([
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});

test("a library that this machine lacks is named", () => {
  expect(() => parseLdd("/opt/node", "\tlibatomic.so.1 => not found\n")).toThrow(
    "/opt/node lacks the libraries libatomic.so.1, so no image can be made from it. " +
      "Fix: install them, or a Node that runs on this machine",
  );
});

test("a program that is not there is an error, not a program without libraries", async () => {
  await expect(sharedLibraries("/nowhere/node")).rejects.toThrow("ldd /nowhere/node ended with 1");
});

test("this Node's libraries are listed once each", async () => {
  const libraries = await sharedLibraries(process.execPath);
  expect(new Set(libraries).size).toBe(libraries.length);
  for (const path of libraries) expect(path).toMatch(/^\//);
});
