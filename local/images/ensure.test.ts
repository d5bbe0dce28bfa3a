import { expect, test } from "vitest";
import { canonicalReference } from "./ensure.ts";

test.each([
  ["grafana/loki:3.7.8", "docker.io/grafana/loki:3.7.8"],
  ["busybox:1", "docker.io/library/busybox:1"],
  ["localhost/pause:1", "localhost/pause:1"],
  ["mirror.example.com/grafana/loki:3.7.8", "mirror.example.com/grafana/loki:3.7.8"],
  ["mirror:5000/grafana/loki:3.7.8", "mirror:5000/grafana/loki:3.7.8"],
])("%s is looked up as %s", (reference, canonical) => {
  expect(canonicalReference(reference)).toBe(canonical);
});
