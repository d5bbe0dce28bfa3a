import { describe, expect, it } from "vitest";
import { tokenHashes, tokensInForce, tokensProblem } from "./ingest-tokens.ts";

describe("tokens of a stack's tenants", () => {
  it("are those of its tenants, the one before too", () => {
    const tokens = { shop: "2", "shop.previous": "1", gone: "3", "gone.previous": "4" };
    expect(tokensInForce(tokens, ["shop"])).toEqual({ shop: "2", "shop.previous": "1" });
  });

  it.each([
    [{ a: "1", b: "2" }, ["a", "b"], undefined],
    [{ a: "1", "b.previous": "2" }, ["a", "b", "c"], "holds no token of b, c"],
    [
      { a: "1", b: "2", "b.previous": "1" },
      ["a", "b"],
      "gives a and b the same token, so that nobody could tell them apart",
    ],
    [{ a: "1", "a.previous": "1", gone: "1" }, ["a"], undefined],
  ] as const)("%o for %o", (tokens, tenants, problem) => {
    expect(tokensProblem(tokens, tenants)).toBe(problem);
  });

  it("are known to collectors by the hash of their header", () => {
    // printf 'Bearer t-1' | sha256sum
    expect(tokenHashes({ shop: "t-2", "shop.previous": "t-1" })).toEqual([
      { tenant: "shop", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      {
        tenant: "shop",
        sha256: "8e61f474031ff7e2e5d50bf602e6a3c1f70451f184a9ba8c54b6711be98f4ab7",
      },
    ]);
  });
});
