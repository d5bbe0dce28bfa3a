import { expect, test } from "vitest";
import { helloImage } from "./image.ts";

const inputs = helloImage.inputs();

test("every dependency is pinned, with a checksum and without the host it came from", () => {
  const { dependencies } = JSON.parse(inputs["package.json"] ?? "") as {
    dependencies: Record<string, string>;
  };
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const { packages } = JSON.parse(inputs["package-lock.json"] ?? "") as {
    packages: Record<string, { integrity?: string; resolved?: string }>;
  };
  const locked = Object.entries(packages).filter(([path]) => path !== "");
  expect(locked.length).toBeGreaterThan(Object.keys(dependencies).length);
  for (const [path, { integrity, resolved }] of locked) {
    expect({ path, resolved, hashed: integrity?.startsWith("sha512-") }).toEqual({
      path,
      hashed: true,
    });
  }
});
