import type { Settings } from "../config/settings.ts";

/** From where on a rule fires. */
export const thresholds = {
  /** A queue that fills further is the collectors' own advice to scale or to look at the backend. */
  queueFillingPercent: 60,
  queueFullPercent: 90,
  /** Of what an exporter handled. Below it, CollectorDroppedRecords counts the loss without waking anybody. */
  exportFailingPercent: 1,
  /** Below the 20 % that Prometheus leaves free by its own retention, so that its steady state is no alert. */
  volumeLowPercent: 15,
  volumeFullPercent: 5,
  /** Four days reach over a weekend. */
  volumeForecastSeconds: 4 * 24 * 3_600,
  /** Trend that the forecast is drawn from: long enough to hold a compaction of two hours three times. */
  volumeTrendSeconds: 6 * 3_600,
  connectionsPercent: 80,
  alertsUndeliveredPercent: 3,
  notificationsFailingPercent: 1,
} as const;

/** How long a rule waits before it fires. */
export const holdSeconds = {
  /** A restarted pod is back within it. */
  targetDown: 300,
  /** Nothing of a workload answers: nobody waits for a restart. */
  workloadDown: 120,
  /** A refused sender retries for about this long before it gives up. */
  refusing: 300,
  /** Senders outside hold what they have for minutes, not for many. */
  withoutGateways: 60,
  /** A rolled gateway leaves its name before it stops; one that crashed is back within it. */
  gatewaysDown: 300,
  connections: 120,
  queueFilling: 300,
  queueFull: 60,
  /** Longer than a replica is away while it is rolled, or while its volume follows it to another node. */
  queueLeftBehind: 600,
  exportFailing: 300,
  /** Longer than the longest wait between two tries, and than a restart of the target. */
  targetSilent: 600,
  /** Longer than a restart of the object store. */
  flushFailing: 600,
  notIngesting: 600,
  ruleFailing: 300,
  undelivered: 300,
  /** Longer than a rolling update of the replicas. */
  clusterDisagrees: 900,
  volumeLow: 3_600,
  volumeFull: 60,
} as const;

/** How long what a vanished pod left is told: longer than any backend takes logs or samples of its age. */
export const leftBehindWindowSeconds = 24 * 3_600;

/** Window of counted losses: long enough that somebody sees the alert before it ends. */
export const lossWindowSeconds = 900;

const shortestRateSeconds = 300;
/** A rate over fewer scrapes has gaps when one scrape fails. */
const scrapesPerRate = 4;

/** Window of rates: five minutes, or four scrapes where scrapes are far apart. */
export function rateSeconds(settings: Settings): number {
  return Math.max(shortestRateSeconds, scrapesPerRate * settings.prometheus.scrapeIntervalSeconds);
}
