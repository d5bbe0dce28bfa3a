import { ensureImage, type ImageStore } from "../../local/cluster/images.ts";
import { findProgram, run } from "../../local/cluster/processes.ts";

export const busyboxImage = "localhost/busybox:1";

/** Puts an image of Debian's static busybox into the cluster: a shell and small network tools for tests. */
export async function ensureBusybox(store: ImageStore): Promise<void> {
  const applets = [
    "sh",
    "cat",
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
  await ensureImage(store, {
    ref: busyboxImage,
    layers: [
      {
        files: [
          { path: "/bin/busybox", source: await busyboxPath(), mode: 0o755 },
          ...applets.map((name) => ({ path: `/bin/${name}`, linkTarget: "busybox" })),
          { path: "/tmp", directory: true, mode: 0o1777 },
        ],
      },
    ],
    config: { entrypoint: ["/bin/sh"], env: { PATH: "/bin" } },
  });
}

async function busyboxPath(): Promise<string> {
  const present = findProgram("busybox");
  if (present !== undefined) return present;
  const options = { environment: { DEBIAN_FRONTEND: "noninteractive" }, timeoutSeconds: 300 };
  await run("apt-get", ["update", "-q"], options);
  const install = ["install", "-q", "-y", "--no-install-recommends", "busybox-static"];
  await run("apt-get", install, options);
  const installed = findProgram("busybox");
  if (installed === undefined) throw new Error("busybox is missing. Fix: install busybox-static");
  return installed;
}
