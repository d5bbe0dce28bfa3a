import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { endpoints } from "../../config/endpoints.ts";
import { metricNames } from "../../config/metric-names.ts";
import { ensureTools } from "../../local/tools/ensure.ts";
import { eachLineOfSlices } from "../backends/loki.ts";
import { queryValue } from "../backends/prometheus.ts";
import { pause } from "../clock.ts";
import { findId, newRunId } from "../generator/ids.ts";
import { logRequests } from "../generator/logs.ts";
import { counterMetric, metricRequests } from "../generator/metrics.ts";
import { Tally } from "../ledger.ts";
import { startLoki, startPrometheus } from "../loopback/backends.ts";
import { freePorts, onLoopback, startCollector } from "../loopback/collector.ts";
import { Gate } from "../loopback/gate.ts";
import { Workbench } from "../loopback/workbench.ts";
import { prodSettings } from "../prod-settings.ts";
import { defineRun } from "../run.ts";
import { scrape, total } from "../scrape.ts";
import { count, exactly, told, type Row } from "../table.ts";

const flags = {
  outage: { kind: "duration", default: "80m", help: "age of the oldest record that is replayed" },
  records: { kind: "number", default: 40_000, help: "logs that waited, evenly over the outage" },
  series: { kind: "number", default: 50, help: "counters, a point of each in every minute of it" },
} as const;

const batch = 100;
const minuteMs = 60_000;
const service = "bench-replay";

export const replay = defineRun({
  name: "replay",
  what: "an outage at the edge of what Loki and Prometheus accept: what they refuse is counted",
  takes: "1 min",
  needs: "loopback",
  flags,
  run: async ({ flags: given, log, signal }) => {
    const tools = await ensureTools(["otelcol", "loki", "prometheus"], { log });
    await using workbench = new Workbench("replay");
    const settings = prodSettings({
      storage: {
        kind: "volume",
        endpoint: null,
        region: null,
        lokiBucket: null,
        tempoBucket: null,
      },
    });
    const folder = (name: string) => join(workbench.directory, name);
    const loki = await startLoki(tools.loki, settings, folder("loki"));
    workbench.use(loki.program);
    const prometheus = await startPrometheus(tools.prometheus, settings, folder("prometheus"));
    workbench.use(prometheus.program);
    const toLoki = workbench.use(await Gate.to(loki.port));
    const toPrometheus = workbench.use(await Gate.to(prometheus.port));
    const gatewayAt = async (name: string, lokiPort: number, prometheusPort: number) => {
      const found = {
        ...endpoints(settings),
        lokiOtlp: `http://127.0.0.1:${lokiPort}/otlp`,
        prometheusOtlp: [`http://127.0.0.1:${prometheusPort}/api/v1/otlp`],
      };
      const ports = await freePorts();
      const document = onLoopback(gatewayConfig(settings, found), ports, folder(name));
      const args = { binary: tools.otelcol, name, document, ports, directory: folder(name) };
      const collector = await startCollector(args);
      workbench.use(collector.program);
      return collector;
    };
    // One gateway keeps its way, so that streams and counters go on; what waited at the other one then comes behind them.
    const near = await gatewayAt("near", loki.port, prometheus.port);
    const cut = await gatewayAt("cut", toLoki.port, toPrometheus.port);

    const run = newRunId();
    const nowMs = Date.now();
    const oldestMs = nowMs - given.outage;
    const freshLogs = logRequests({ writer: { run, index: 0 }, service, records: batch });
    const waitingLogs = logRequests({ writer: { run, index: 1 }, service, records: batch });
    const points = metricRequests({
      writer: { run, index: 1 },
      service,
      series: given.series,
      startMs: oldestMs,
    });
    const [nearby, cutOff] = [near.grpc(), cut.grpc()];
    const must = async (sent: ReturnType<typeof nearby.send>) => {
      const answer = await sent;
      if (answer.kind !== "taken")
        throw new Error(`a gateway did not take a request: ${answer.why}`);
    };
    const minutes = Math.floor(given.outage / minuteMs);
    await must(nearby.send("logs", freshLogs.encode(0, nowMs)));
    await must(nearby.send("metrics", points.encode(minutes, nowMs)));
    const requests = Math.floor(given.records / batch);
    for (let request = 0; request < requests; request += 1) {
      const atMs = oldestMs + Math.floor((request * given.outage) / requests);
      await must(cutOff.send("logs", waitingLogs.encode(request, atMs)));
    }
    for (let minute = 0; minute < minutes; minute += 1) {
      await must(cutOff.send("metrics", points.encode(minute, oldestMs + minute * minuteMs)));
    }
    log(
      `${count(requests * batch)} logs and ${count(minutes * given.series)} points wait; the fresh ones are stored`,
    );
    await pause(5_000, signal);
    toLoki.open();
    toPrometheus.open();
    const queued = async () => total(await scrape(cut.metricsUrl), metricNames.collector.queueSize);
    for (let quiet = 0; quiet < 3;) {
      await pause(2_000, signal);
      quiet = (await queued()) === 0 ? quiet + 1 : 0;
    }
    nearby.close();
    cutOff.close();

    const tally = new Tally();
    const range = {
      url: loki.url,
      query: `{service_name="${service}"}`,
      startMs: oldestMs - minuteMs,
      endMs: nowMs + minuteMs,
    };
    await eachLineOfSlices(
      range,
      5 * minuteMs,
      ({ line }) => {
        const id = findId(line);
        if (id?.writer.run === run && id.writer.index === 1) tally.found(id.counter);
      },
      log,
    );
    const records = requests * batch;
    const stored = Array.from({ length: records }, (_, counter) => tally.times(counter));
    const missing = stored.filter((copies) => copies === 0).length;
    const duplicates = stored.filter((copies) => copies > 1).length;
    const counters = await scrape(cut.metricsUrl);
    const { sendFailedLogs, sendFailedMetrics } = metricNames.collector;
    const givenUpLogs = total(counters, sendFailedLogs);
    const givenUpPoints = total(counters, sendFailedMetrics);
    const lokiDiscarded = total(await scrape(`${loki.url}/metrics`), metricNames.loki.discarded);
    const storedSince = (sinceMinutes: number) =>
      queryValue(
        prometheus.url,
        `sum(count_over_time(${counterMetric.stored}{service_name="${service}"}[${sinceMinutes * 60}s]))`,
        nowMs + 1_000,
      );
    const pointsMissing = (minutes + 1) * given.series - (await storedSince(minutes + 2));
    // Points of these minutes and the fresh ones; the oldest that Prometheus takes are near its window's end.
    const youngMinutes = Math.min(minutes, settings.replayMinutes - 2);
    const youngMissing =
      (youngMinutes + 1) * given.series - (await storedSince(youngMinutes + 0.5));
    const tooOld = total(await scrape(`${prometheus.url}/metrics`), metricNames.prometheus.tooOld);
    const rows: Row[] = [
      told("logs that waited, found in Loki", `${count(records)}, ${count(records - missing)}`),
      told("logs that Loki refused", count(missing)),
      exactly("of these, counted by Loki", Math.min(missing, lokiDiscarded), missing),
      exactly(
        "of these, counted by the gateway as given up",
        Math.min(missing, givenUpLogs),
        missing,
      ),
      told(
        "logs that the gateway counted though Loki had taken them",
        count(Math.max(0, givenUpLogs - missing)),
      ),
      exactly("logs found twice", duplicates, 0),
      told(
        "points that waited, missing in Prometheus",
        `${count(minutes * given.series)}, ${count(pointsMissing)}`,
      ),
      told("of these, young enough, but in one request with older ones", count(youngMissing)),
      told("of these, counted by Prometheus as too old", count(Math.min(pointsMissing, tooOld))),
      exactly(
        "of these, counted by the gateway as given up",
        Math.min(pointsMissing, givenUpPoints),
        pointsMissing,
      ),
    ];
    return {
      shape: [
        "two gateways with production's configuration and disk queues; one was cut off from Loki 3.7 and Prometheus 3.15, one was not; generated configurations, one replica each",
        `records' own times lie up to ${given.outage / minuteMs} min back: nobody waited for it; Loki and Prometheus take ${settings.replayMinutes} min behind a stream or series`,
      ],
      rows,
    };
  },
});
