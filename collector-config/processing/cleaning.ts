import type { Settings } from "../../config/settings.ts";
import type { Processor, Signal } from "../model.ts";
import { connectorMessages } from "./connector-schema.ts";
import { boundedSeries, fewer, shorter } from "./limits.ts";
import { marked, needed, type ProcessingSettings } from "./marks.ts";
import { renamed } from "./naming.ts";
import { withoutNoise } from "./noise.ts";
import { transform, type OttlContext, type StatementGroup } from "./ottl.ts";
import { withoutSecrets } from "./redaction.ts";
import { redactionPurpose } from "./redaction-purpose.ts";
import { saidInOne, tidied } from "./said.ts";
import { severities } from "./severity.ts";
import { unpacked } from "./unpack.ts";

/**
 * What is done to the records of each signal, wherever they entered, before they are dealt out. First they get one shape,
 * then what is noise goes, then secrets. Last they are cut to their limits.
 */
export function cleaning(settings: Settings): Readonly<Record<Signal, readonly Processor[]>> {
  const { processing } = settings.collector;
  const { noise } = processing;
  const drops = noise.paths.length > 0;
  return {
    logs: [
      transform("log-schema", { logs: logSchema(processing) }),
      ...(drops ? [withoutNoise("logs", noise.paths)] : []),
      transform(`log-${redactionPurpose}`, {
        logs: [...shared(processing), ...secretsOf("log", processing)],
      }),
      transform("log-limits", {
        logs: [...limitsOf("log", processing), saidInOne("log"), tidied("resource")],
      }),
    ],
    traces: [
      transform("span-schema", { traces: [renamed("span")] }),
      ...(drops ? [withoutNoise("traces", noise.paths)] : []),
      transform(`span-${redactionPurpose}`, {
        traces: [
          ...shared(processing),
          ...secretsOf("span", processing),
          ...secretsOf("spanevent", processing),
        ],
      }),
      transform("span-limits", {
        traces: [
          ...limitsOf("span", processing),
          ...limitsOf("spanevent", processing),
          saidInOne("span"),
          saidInOne("spanevent"),
          tidied("resource"),
        ],
      }),
    ],
    metrics: [
      transform(`metric-${redactionPurpose}`, {
        metrics: [...shared(processing), ...secretsOf("datapoint", processing)],
      }),
      transform("metric-limits", { metrics: [tidied("datapoint"), tidied("resource")] }),
      boundedSeries(processing.limits),
    ],
  };
}

function logSchema({ unpackJson }: ProcessingSettings): StatementGroup[] {
  return [...(unpackJson ? [unpacked()] : []), renamed("log"), connectorMessages(), severities()];
}

/** What the records of one sender have in common. */
function shared(processing: ProcessingSettings): StatementGroup[] {
  return [...secretsOf("resource", processing), ...secretsOf("scope", processing)];
}

function secretsOf(context: OttlContext, processing: ProcessingSettings): StatementGroup[] {
  const isRecord = context === "log" || context === "span" || context === "spanevent";
  return [
    marked(context, isRecord ? ["secrets", "long"] : ["secrets"], processing),
    needed(context, "secrets", withoutSecrets(context, processing.redaction)),
  ];
}

function limitsOf(
  context: "log" | "span" | "spanevent",
  { limits }: ProcessingSettings,
): StatementGroup[] {
  return [needed(context, "long", shorter(context, limits)), fewer(context, limits)];
}
