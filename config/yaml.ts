import { dump } from "js-yaml";

/** YAML with sorted keys, no anchors and no folded lines, so that equal values give equal bytes. */
export function toYaml(value: unknown): string {
  return dump(value, { sortKeys: true, noRefs: true, lineWidth: -1, skipInvalid: true });
}
