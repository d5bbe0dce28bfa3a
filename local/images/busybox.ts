import { imageReference, images } from "../../config/versions.ts";
import type { Log } from "../cluster/cluster.ts";
import type { ImageSpec } from "../cluster/image-writer.ts";
import { run } from "../cluster/processes.ts";
import { canonicalReference } from "./ensure.ts";
import { sharedLibraries } from "./shared-libraries.ts";

/** What the platform's own pods and the tests' call it by. */
const applets = [
  "sh",
  "cat",
  "chmod",
  "chown",
  "echo",
  "httpd",
  "id",
  "ls",
  "nc",
  "nslookup",
  "sleep",
  "stat",
  "wget",
];

/** This machine's busybox under the name that production pulls: a shell and small tools. */
export async function busyboxImageSpec(source: string, log: Log): Promise<ImageSpec> {
  await tellOtherVersion(source, log);
  const libraries = await sharedLibraries(source);
  return {
    ref: canonicalReference(imageReference("busybox")),
    layers: [
      {
        files: [
          { path: "/bin/busybox", source, mode: 0o755 },
          ...applets.map((name) => ({ path: `/bin/${name}`, linkTarget: "busybox" })),
          { path: "/tmp", directory: true, mode: 0o1777 },
        ],
      },
      // None where it is the static one.
      ...(libraries.length === 0
        ? []
        : [{ files: libraries.map((path) => ({ path, source: path, mode: 0o755 })) }]),
    ],
    config: { entrypoint: ["/bin/sh"], env: { PATH: "/bin" } },
  };
}

/** Another Debian has another busybox. What is asked of it is the same in all, but the name must not hide it. */
async function tellOtherVersion(busybox: string, log: Log): Promise<void> {
  const { stdout } = await run(busybox, ["--help"], { allowFailure: true });
  const [, version = "unknown"] = /BusyBox v(\S+)/.exec(stdout) ?? [];
  const { tag } = images.busybox;
  if (version !== tag) log(`the image ${imageReference("busybox")} holds busybox ${version}`);
}
