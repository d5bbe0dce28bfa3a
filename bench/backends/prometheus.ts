import { getJson } from "./http.ts";

interface QueryAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** Sum of what a query gives at a moment; 0 when it gives nothing. */
export async function queryValue(url: string, query: string, atMs = Date.now()): Promise<number> {
  const parameters = new URLSearchParams({ query, time: (atMs / 1_000).toFixed(3) });
  const answer = await getJson(`${url}/api/v1/query?${parameters.toString()}`);
  const { data } = answer as QueryAnswer;
  return data.result.reduce((total, { value }) => total + Number(value[1]), 0);
}
