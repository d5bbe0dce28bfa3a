import { expect, test } from "vitest";
import { drainImage } from "../../drain/image.ts";
import { drainImageSpec } from "./drain.ts";

test("the image runs what the Dockerfile says, as the same user, and needs no dependencies", async () => {
  const { ref, layers, config } = await drainImageSpec();
  expect(ref).toBe(drainImage.reference());
  const paths = layers.flatMap(({ files }) => files.map(({ path }) => path));
  expect(paths).toEqual(expect.arrayContaining(["/usr/local/bin/node", "/app/src"]));
  expect(paths).not.toContain("/app/node_modules");
  const dockerfile = drainImage.inputs()["Dockerfile"]?.split("\n");
  expect(dockerfile).toContain(
    `ENTRYPOINT ${JSON.stringify(config.entrypoint).replace(",", ", ")}`,
  );
  expect(dockerfile).toContain(`USER ${config.user ?? ""}`);
});
