import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Settings } from "../../config/settings.ts";
import { timeseries } from "../common.ts";
import { backendQueries } from "../queries/backends.ts";

/** What the backends take in, refuse and cannot store. */
export function backendPanels(settings: Settings): Builder<Panel>[] {
  const queries = backendQueries(settings);
  return [
    timeseries({ title: "Loki takes in", description: "Bytes of logs a second.", unit: "binBps" }, [
      queries.lokiBytes,
    ]),
    timeseries(
      { title: "Tempo takes in", description: "Spans of kept traces a second.", unit: "cps" },
      [queries.tempoSpans],
    ),
    timeseries(
      {
        title: "Prometheus takes in",
        description: "Samples a second. Each replica should show the same.",
        unit: "cps",
      },
      [queries.prometheusSamples],
    ),
    timeseries(
      {
        title: "Refused by a backend, with its reason",
        description: "What is over a rate is sent again; anything else is lost.",
        unit: "cps",
      },
      queries.refused,
    ).span(6),
    timeseries(
      {
        title: "Failed writes to the store",
        description: "Chunks of Loki and blocks of Tempo that could not be stored, a second.",
        unit: "cps",
      },
      queries.notStored,
    ).span(6),
    timeseries(
      {
        title: "Series in Prometheus",
        description: "Series with recent samples: what its memory goes with.",
        unit: "short",
      },
      [queries.headSeries],
    ).span(6),
    timeseries(
      {
        title: "How full the volumes are",
        description:
          "By volume claim, as the kubelet reports it. Not every kind of volume is reported.",
        unit: "percentunit",
      },
      [queries.volumeUse],
    )
      .span(6)
      .max(1),
  ];
}
