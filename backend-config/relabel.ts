/** One step of Prometheus' relabelling. */
export interface RelabelRule {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly replacement?: string;
  readonly target_label?: string;
  readonly action?: "keep" | "drop" | "labeldrop";
}

/** Keeps what has a value in this label that the whole expression matches. */
export function keep(label: string, regex: string): RelabelRule {
  return { source_labels: [label], regex, action: "keep" };
}

/** Drops what has a value in this label that the whole expression matches. */
export function drop(label: string, regex: string): RelabelRule {
  return { source_labels: [label], regex, action: "drop" };
}

/** Writes the first group of the expression; a value that does not match leaves the target as it is. */
export function setLabel(label: string, regex: string, target: string): RelabelRule {
  return { source_labels: [label], regex, target_label: target };
}

/** Copies a label that is there. */
export function copyLabel(label: string, target: string): RelabelRule {
  return setLabel(label, "(.+)", target);
}
