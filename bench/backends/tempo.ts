import { parseTrace } from "../../local/proof/answers.ts";
import { tempoTracePath } from "../../local/proof/queries.ts";
import { getJson, inParallel } from "./http.ts";

const width = 6;

/** Ids of the spans that Tempo has of a trace; none for one that it does not know. */
export async function spansOfTrace(url: string, traceId: string): Promise<string[]> {
  const answer = await getJson(url + tempoTracePath(traceId));
  return answer === undefined ? [] : parseTrace(answer).map(({ spanId }) => spanId);
}

/** Looks at many traces, some at once. */
export function eachTrace(
  url: string,
  traceIds: readonly string[],
  take: (traceId: string, spans: readonly string[]) => void,
): Promise<void> {
  return inParallel(traceIds, width, async (traceId) => {
    take(traceId, await spansOfTrace(url, traceId));
  });
}
