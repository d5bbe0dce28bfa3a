import { describe, expect, it } from "vitest";
import { preflightProblems, type MachineFacts } from "./preflight.ts";

const good: MachineFacts = {
  platform: "linux",
  userId: 0,
  stateDir: "/var/lib/sightline",
  freeGib: 40,
  memoryGib: 8,
  missingPackages: [],
  hasApt: true,
  missingKernelFeatures: {},
  bridgeOwner: undefined,
  otherKubernetes: undefined,
};

describe("preflight", () => {
  it.each<[string, Partial<MachineFacts>]>([
    ["a good machine", {}],
    ["its own cluster, already up", { bridgeOwner: "/var/lib/sightline" }],
    ["packages that apt can install", { missingPackages: ["etcd-server"] }],
    ["a machine sold as one of 4 GiB", { memoryGib: 3.8 }],
  ])("lets %s pass", (_, facts) => {
    expect(preflightProblems({ ...good, ...facts })).toEqual([]);
  });

  it.each<[string, Partial<MachineFacts>, string]>([
    [
      "another system",
      { platform: "darwin" },
      "this is darwin; the embedded cluster needs Linux. " +
        "Fix: run it in a Linux machine, or name a kubeconfig context in the stack to use another cluster",
    ],
    [
      "another user",
      { userId: 1000 },
      "the embedded cluster must be run by root. Fix: run it again with sudo",
    ],
    [
      "a full disk",
      { freeGib: 1.25 },
      "/var/lib/sightline has 1.3 GiB free, 10 are needed. " +
        "Fix: make room, or set SIGHTLINE_STATE to a directory on another disk",
    ],
    [
      "little memory",
      { memoryGib: 1.9 },
      "the machine has 1.9 GiB of memory, 4 are needed. Fix: give it more",
    ],
    [
      "missing programs and no apt-get",
      { missingPackages: ["etcd-server", "ipset"], hasApt: false },
      "programs are missing and there is no apt-get to install them. " +
        "Fix: install what Debian calls etcd-server, ipset",
    ],
    [
      "an overlay as its disk",
      { missingKernelFeatures: { overlayfs: "mount: wrong fs type" } },
      "the kernel cannot do overlayfs here: mount: wrong fs type. " +
        "Fix: set SIGHTLINE_STATE to a directory on ext4 or xfs (an overlay cannot lie on another overlay)",
    ],
    [
      "another Sightline cluster",
      { bridgeOwner: "/srv/other", otherKubernetes: "its chains are there" },
      "another Sightline cluster, of /srv/other, is up on this machine (interface sightline0). " +
        'Fix: take it down with "SIGHTLINE_STATE=/srv/other npm run local:down", or use it',
    ],
    [
      "another Kubernetes",
      { otherKubernetes: "its KUBE- or CNI- firewall chains are there" },
      "another Kubernetes is on this machine: its KUBE- or CNI- firewall chains are there; the two would undo each other's firewall rules. " +
        "Fix: stop it, or name its kubeconfig context in the stack to use it instead",
    ],
  ])("refuses %s and says the fix", (_, facts, message) => {
    expect(preflightProblems({ ...good, ...facts })).toEqual([message]);
  });

  it("tells all problems at once", () => {
    const facts = {
      freeGib: 0,
      memoryGib: 1,
      missingKernelFeatures: { bridges: "no", veth: "no" },
    };
    expect(preflightProblems({ ...good, ...facts })).toHaveLength(4);
  });
});
