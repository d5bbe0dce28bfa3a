import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Settings } from "../../config/settings.ts";
import { redAboveZero, risingRisk, stat, table, type Colours } from "../common.ts";
import { healthQueries } from "../queries/health.ts";

const allShouldAnswer: Colours = {
  below: "red",
  from: [
    [0.5, "orange"],
    [1, "green"],
  ],
};

type HealthQueries = ReturnType<typeof healthQueries>;

/** The first screen: is the platform fine, and if not, where. */
export function healthPanels(settings: Settings): Builder<Panel>[] {
  const queries = healthQueries(settings);
  return [...verdict(queries), ...flow(queries), ...place(queries)];
}

function verdict(queries: HealthQueries): Builder<Panel>[] {
  return [
    stat(
      {
        title: "Alerts firing",
        description: "Critical and warning alerts that fire now. The table below names them.",
        unit: "none",
      },
      redAboveZero,
      queries.firingCount,
    ),
    stat(
      {
        title: "Platform answering",
        description: "Share of the platform's own pods whose metrics can be read.",
        unit: "percentunit",
      },
      allShouldAnswer,
      queries.answering,
    ),
  ];
}

function flow(queries: HealthQueries): Builder<Panel>[] {
  return [
    stat(
      {
        title: "Accepted",
        description:
          "Records that collectors took in, a second. One that passes agent, gateway and sampler counts at each.",
        unit: "cps",
      },
      { below: "blue", from: [] },
      queries.accepted,
    ),
    stat(
      {
        title: "Refused",
        description: "Records that collectors sent back to their senders, a second. Senders retry.",
        unit: "cps",
      },
      redAboveZero,
      queries.refused,
    ),
    stat(
      {
        title: "Lost",
        description:
          "Records given up after all retries, or for which a queue had no room, a second.",
        unit: "cps",
      },
      redAboveZero,
      queries.lost,
    ),
    stat(
      {
        title: "Fullest queue",
        description: "The fullest sending queue of any collector. A full one refuses.",
        unit: "percentunit",
      },
      risingRisk(60, 90),
      queries.fullestQueue,
    ),
  ];
}

function place(queries: HealthQueries): Builder<Panel>[] {
  return [
    stat(
      {
        title: "Where: pods that answer, by workload",
        description: "Green: every replica answers. Orange: some do. Red: fewer than half.",
        unit: "percentunit",
      },
      allShouldAnswer,
      queries.answeringByWorkload,
    ).span(12),
    table(
      {
        title: "What: alerts that fire",
        description: "Each has a page under docs/runbooks that says what to do.",
        unit: "none",
      },
      "Nothing fires",
      queries.firingList,
    ).height(4),
  ];
}
