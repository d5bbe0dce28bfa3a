import type { Log } from "../run.ts";
import { getJson, inParallel } from "./http.ts";

/** Loki's own bound of what one query gives. */
const pageLines = 5_000;
const width = 4;

export interface Entry {
  /** Nanoseconds, as text: too large for a number. */
  readonly time: string;
  readonly line: string;
}

interface RangeAnswer {
  readonly data: {
    readonly result: readonly { readonly values: readonly (readonly string[])[] }[];
  };
}

export interface RangeQuery {
  readonly url: string;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
}

const nanos = (ms: number) => BigInt(Math.floor(ms)) * 1_000_000n;

async function page(url: string, query: string, start: bigint, end: bigint): Promise<Entry[]> {
  const parameters = new URLSearchParams({
    query,
    start: String(start),
    end: String(end),
    limit: String(pageLines),
    direction: "forward",
  });
  // Else every record with metadata of its own comes as a stream of its own.
  const headers = { "x-loki-response-encoding-flags": "categorize-labels" };
  const answer = await getJson(`${url}/loki/api/v1/query_range?${parameters.toString()}`, headers);
  const { data } = answer as RangeAnswer;
  return data.result.flatMap(({ values }) =>
    values.map(([time = "", line = ""]) => ({ time, line })),
  );
}

/** Every line of a range, page by page. Lines of one moment are never parted. */
export async function eachLine(
  { url, query, startMs, endMs }: RangeQuery,
  take: (entry: Entry) => void,
): Promise<void> {
  let start = nanos(startMs);
  const end = nanos(endMs);
  while (start < end) {
    const entries = await page(url, query, start, end);
    if (entries.length < pageLines) {
      entries.forEach(take);
      return;
    }
    const last = entries.reduce(
      (latest, { time }) => (BigInt(time) > latest ? BigInt(time) : latest),
      start,
    );
    const whole = entries.filter(({ time }) => BigInt(time) < last);
    if (whole.length === 0) throw new Error(`more than ${pageLines} lines of ${query} at ${last}`);
    whole.forEach(take);
    start = last;
  }
}

/** Every line of a long range: slices of it, some at once, with progress. */
export async function eachLineOfSlices(
  range: RangeQuery,
  sliceMs: number,
  take: (entry: Entry) => void,
  log: Log,
): Promise<void> {
  const { startMs, endMs } = range;
  const slices = Array.from({ length: Math.ceil((endMs - startMs) / sliceMs) }, (_, index) => ({
    ...range,
    startMs: startMs + index * sliceMs,
    endMs: Math.min(endMs, startMs + (index + 1) * sliceMs),
  }));
  let done = 0;
  let toldAt = Date.now();
  await inParallel(slices, width, async (slice) => {
    await eachLine(slice, take);
    done += 1;
    if (Date.now() - toldAt < 10_000) return;
    toldAt = Date.now();
    log(`looked through ${done} of ${slices.length} slices of Loki`);
  });
}

/** Whether a line with this text is found around a moment. */
export async function hasLine(
  url: string,
  selector: string,
  text: string,
  atMs: number,
): Promise<boolean> {
  const query = `${selector} |= "${text}"`;
  const entries = await page(url, query, nanos(atMs - 1_000), nanos(atMs + 1_000));
  return entries.length > 0;
}
