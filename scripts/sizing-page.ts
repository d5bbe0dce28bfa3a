import type { Settings, Sized } from "../config/settings.ts";

/** `sizing.md`: every number that follows from others, and what was written in its place. */
export function sizingPage({ workload, sizing, environment }: Settings): string {
  const given =
    workload === undefined
      ? "`platform.workload` is not given: all other sizes are what is written, or production's defaults."
      : `From \`platform.workload\`: ${Object.entries(workload)
          .map(([key, value]) => `${key} ${value}`)
          .join(", ")}.`;
  const rows = sizing.map((one) => `| \`${one.path}\` | ${one.value} | ${origin(one)} |`);
  return `${[
    `# Sizes of ${environment}`,
    "",
    given,
    "",
    "| key | value | from |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n")}\n`;
}

function origin({ isWritten, derived, value, how }: Sized): string {
  if (!isWritten) return `derived: ${how}`;
  return derived === value
    ? `written, as derived: ${how}`
    : `**written**; derived ${derived}: ${how}`;
}
