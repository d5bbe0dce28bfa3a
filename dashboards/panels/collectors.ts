import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Settings } from "../../config/settings.ts";
import { timeseries } from "../common.ts";
import { collectorQueries } from "../queries/collectors.ts";

type Queries = ReturnType<typeof collectorQueries>;

/** What goes through the collectors, and what does not. */
export function collectorPanels(settings: Settings): Builder<Panel>[] {
  const queries = collectorQueries(settings);
  return [...throughput(queries), ...losses(queries), ...room(queries)];
}

function throughput(queries: Queries): Builder<Panel>[] {
  return [
    timeseries(
      {
        title: "Accepted, by signal",
        description: "Records taken in by each role of collectors, a second.",
        unit: "cps",
      },
      [queries.accepted],
    ),
    timeseries(
      {
        title: "Accepted, by replica",
        description: "Lines far apart mean that senders hold on to one replica.",
        unit: "cps",
      },
      [queries.acceptedByReplica],
    ),
    timeseries(
      {
        title: "Sent, by target",
        description: "Records that a target has acknowledged, a second.",
        unit: "cps",
      },
      [queries.sent],
    ),
  ];
}

function losses(queries: Queries): Builder<Panel>[] {
  return [
    timeseries(
      {
        title: "Refused, by replica",
        description: "By replica and signal: memory or a queue was full. Senders retry.",
        unit: "cps",
      },
      [queries.refused],
    ).span(6),
    timeseries(
      {
        title: "No room in a queue, or given up",
        description: "By replica and target. Given up means lost.",
        unit: "cps",
      },
      [queries.noRoom, queries.givenUp],
    ).span(6),
  ];
}

function room(queries: Queries): Builder<Panel>[] {
  return [
    timeseries(
      {
        title: "How full the queues are",
        description: "A queue that grows has a target that takes less than comes in.",
        unit: "percentunit",
      },
      [queries.queueFill],
    )
      .span(6)
      .max(1),
    timeseries(
      {
        title: "Memory of the container's limit",
        description:
          "Resident memory over the container's limit. The limiter refuses before 100 %.",
        unit: "percentunit",
      },
      queries.memory,
    )
      .span(6)
      .max(1),
  ];
}
