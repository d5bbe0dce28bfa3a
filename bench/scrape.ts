interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** What a program says about itself, in Prometheus' text format. */
export type Scrape = readonly Sample[];

export function parseMetrics(text: string): Scrape {
  return [...text.matchAll(/^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/gm)].map(
    ([, name = "", labels = "", value]) => ({ name, labels, value: Number(value) }),
  );
}

/** Scrapes once; an unreachable program has no samples. */
export async function scrape(url: string): Promise<Scrape> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return answer.ok ? parseMetrics(await answer.text()) : [];
  } catch {
    return [];
  }
}

/** Sum of a metric's samples that have all of these labels. */
export function total(
  samples: Scrape,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return samples
    .filter((sample) => sample.name === name && wanted.every((one) => hasLabel(sample, one)))
    .reduce((all, { value }) => all + value, 0);
}

function hasLabel({ labels }: Sample, wanted: string): boolean {
  return labels.includes(`{${wanted}`) || labels.includes(`,${wanted}`);
}
