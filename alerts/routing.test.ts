import { load } from "js-yaml";
import { expect, test } from "vitest";
import { parseConfig } from "../config/parse.ts";
import { renderRouting } from "./routing.ts";

interface Routing {
  route: { receiver: string; routes: { matchers: string[]; receiver: string }[] };
  inhibit_rules: { source_matchers: string[]; target_matchers: string[]; equal: string[] }[];
  receivers: unknown[];
}

function routing(webhooks: string[]): Routing {
  const settings = parseConfig("Pulumi.test.yaml", {
    environment: "test",
    cluster: { name: "test" },
    alertmanager: { webhooks },
    loki: { replicas: 1 },
    tempo: { replicas: 1 },
  });
  return load(renderRouting(settings)) as Routing;
}

test("without webhooks everything goes to nobody", () => {
  const { route, receivers } = routing([]);
  expect(receivers).toEqual([{ name: "nobody" }]);
  expect([route.receiver, ...route.routes.map((entry) => entry.receiver)]).toEqual([
    "nobody",
    "nobody",
    "nobody",
  ]);
});

test("every webhook gets every alert, and its end", () => {
  const { route, receivers } = routing(["https://a.example.com/hook", "http://b.example.com:9/x"]);
  expect(receivers).toEqual([
    {
      name: "webhooks",
      webhook_configs: [
        { url: "https://a.example.com/hook", send_resolved: true },
        { url: "http://b.example.com:9/x", send_resolved: true },
      ],
    },
  ]);
  expect(new Set([route.receiver, ...route.routes.map((entry) => entry.receiver)])).toEqual(
    new Set(["webhooks"]),
  );
});

test("the Watchdog is routed before anything else and told every minute", () => {
  expect(routing([]).route.routes[0]).toEqual({
    matchers: ['alertname="Watchdog"'],
    receiver: "nobody",
    group_by: ["alertname"],
    group_wait: "0s",
    group_interval: "1m",
    repeat_interval: "1m",
  });
});

test("a full queue keeps the filling one quiet, for the same queue only", () => {
  expect(routing([]).inhibit_rules).toContainEqual({
    source_matchers: ['alertname="CollectorQueueFull"'],
    target_matchers: ['alertname="CollectorQueueFilling"'],
    equal: ["job", "pod", "exporter", "data_type"],
  });
});
