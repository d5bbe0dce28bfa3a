import { expect, it } from "vitest";
import { mountsBelow } from "./mounts.ts";

const mountInfo = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 254:0 /var/lib/sightline/pod-logs /var/log/pods rw - ext4 /dev/vda rw
41 22 0:50 / /var/lib/sightline/run/a rw - overlay overlay rw
42 41 0:51 / /var/lib/sightline/run/a/deep\\040name rw - tmpfs tmpfs rw
43 22 0:52 / /var/lib/sightline/run-other rw - tmpfs tmpfs rw
`;

it.each([
  ["/var/lib/sightline/run", ["/var/lib/sightline/run/a", "/var/lib/sightline/run/a/deep name"]],
  ["/var/log/pods", ["/var/log/pods"]],
  ["/var/lib/sightline/kubelet", []],
])("mounts at or below %s are found in the order they were made", (path, expected) => {
  expect(mountsBelow(path, mountInfo)).toEqual(expected);
});
