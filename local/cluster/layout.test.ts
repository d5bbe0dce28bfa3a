import { describe, expect, it } from "vitest";
import { layoutOf, stateDirectory } from "./layout.ts";

describe("the state directory", () => {
  it.each([
    [{}, "/var/lib/sightline"],
    [{ SIGHTLINE_STATE: "" }, "/var/lib/sightline"],
    [{ SIGHTLINE_STATE: "/srv/sightline/" }, "/srv/sightline"],
  ])("of %j is %s", (environment, expected) => {
    expect(stateDirectory(environment)).toBe(expected);
  });

  it("keeps everything below itself, in a cgroup of its own", () => {
    const layout = layoutOf("/srv/sightline");
    const { stateDir, cgroup, ...paths } = layout;
    expect(stateDir).toBe("/srv/sightline");
    expect(cgroup).toMatch(/^sightline-[0-9a-f]{8}$/);
    expect(layoutOf("/srv/other").cgroup).not.toBe(cgroup);
    for (const path of Object.values(paths)) expect(path).toMatch(/^\/srv\/sightline\//);
  });

  it("must leave room for the sockets in it", () => {
    const long = `/${"x".repeat(60)}`;
    expect(() => layoutOf(long)).toThrow(
      `SIGHTLINE_STATE is ${long}: a path of 2 to 60 characters is needed, because Unix sockets are made below it. ` +
        "Fix: set a shorter one, or unset it for /var/lib/sightline",
    );
    expect(() => layoutOf("/")).toThrow("a path of 2 to 60 characters is needed");
  });
});
