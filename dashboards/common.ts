import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder as LokiTarget } from "@grafana/grafana-foundation-sdk/loki";
import {
  DataqueryBuilder as PromTarget,
  PromQueryFormat,
} from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";
import { datasourceUids, type Datasource } from "../config/datasources.ts";
import type { PanelQuery } from "./queries/query.ts";

/** What every panel says: its question is the title, and how to read the answer the description. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
}

/** From which value on a colour stands; the first colour stands below all of them. */
export interface Colours {
  readonly below: string;
  readonly from: readonly (readonly [value: number, colour: string])[];
}

/** Fine at zero, wrong above it. A rate below one in a thousand seconds is rounding. */
export const redAboveZero: Colours = { below: "green", from: [[0.001, "red"]] };

/** Colours of a share that should stay low. */
export function risingRisk(warnPercent: number, criticalPercent: number): Colours {
  return {
    below: "green",
    from: [
      [warnPercent / 100, "orange"],
      [criticalPercent / 100, "red"],
    ],
  };
}

export function datasourceRef(type: Datasource) {
  return { type, uid: datasourceUids[type] };
}

function thresholds(colours: Colours): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: colours.below },
      ...colours.from.map(([value, color]) => ({ value, color })),
    ]);
}

function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function target(query: PanelQuery, index: number): Builder<Dataquery> {
  if (query.datasource === "loki") {
    return new LokiTarget()
      .datasource(datasourceRef("loki"))
      .refId(refId(index))
      .expr(query.expr)
      .legendFormat(query.legend)
      .queryType("range");
  }
  const builder = new PromTarget()
    .datasource(datasourceRef("prometheus"))
    .refId(refId(index))
    .expr(query.expr)
    .legendFormat(query.legend);
  if (query.exemplars) builder.exemplar(true);
  return query.instant ? builder.instant() : builder.range();
}

/** Lines over time, the legend a table with the last and the highest value. */
export function timeseries(text: PanelText, queries: readonly PanelQuery[]): TimeseriesPanel {
  return new TimeseriesPanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .min(0)
    .span(8)
    .height(8)
    .lineWidth(1)
    .fillOpacity(8)
    .gradientMode(GraphGradientMode.Opacity)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(["lastNotNull", "max"])
        .sortBy("Last *")
        .sortDesc(true),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    )
    .targets(queries.map(target));
}

/** Amounts that add up, one on the other. */
export function stacked(text: PanelText, queries: readonly PanelQuery[]): TimeseriesPanel {
  return timeseries(text, queries)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"))
    .fillOpacity(40);
}

/** One number, coloured by whether it is fine. */
export function stat(text: PanelText, colours: Colours, query: PanelQuery): StatPanel {
  const panel = new StatPanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .span(4)
    .height(4)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.Area)
    .thresholds(thresholds(colours))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .targets([target(query, 0)]);
  return query.datasource === "prometheus" && query.instant
    ? panel.graphMode(BigValueGraphMode.None)
    : panel;
}

/** Rows of one moment, sorted by Grafana; `noValue` is what an empty table says. */
export function table(text: PanelText, noValue: string, query: PanelQuery): TablePanel {
  const built = target(query, 0);
  if (built instanceof PromTarget) built.format(PromQueryFormat.Table);
  return new TablePanel()
    .title(text.title)
    .description(text.description)
    .unit(text.unit)
    .span(12)
    .height(8)
    .noValue(noValue)
    .targets([built]);
}
