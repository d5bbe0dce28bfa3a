import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { tokenLines } from "./ingest-secrets.ts";
import { secretChecksum, secretData } from "./secrets.ts";

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

test("data is base64, and secret even where its parts are not", async () => {
  const data = secretData({ key: "text" });
  expect(await valueOf(data)).toEqual({ key: "dGV4dA==" });
  expect(await pulumi.isSecret(data)).toBe(true);
});

test("a checksum follows the secret and is none itself", async () => {
  const checksum = (key: string) => secretChecksum({ key: pulumi.secret(key), other: "x" });
  expect(await valueOf(checksum("a"))).toBe(await valueOf(checksum("a")));
  expect(await valueOf(checksum("a"))).not.toBe(await valueOf(checksum("b")));
  expect(await pulumi.isSecret(checksum("a"))).toBe(false);
});

test("tokens stand in the order of their owners, whatever order they came in", () => {
  expect(tokenLines({ shop: "t2", "shop.previous": "t1", bank: "t3" })).toBe(
    "t3 bank\nt2 shop\nt1 shop.previous\n",
  );
});
