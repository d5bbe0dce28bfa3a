import { describe, expect, it } from "vitest";
import { stackSettings } from "../test/harness.ts";
import { balancerConfig } from "./balancer.ts";
import { checkBalancerConfig } from "./check.ts";
import { renderHaproxy } from "./haproxy.ts";
import type { BalancerConfig, Frontend } from "./model.ts";

const origins = ["https://app.example.com", "https://*.example.org"];
const settings = stackSettings("prod", {
  collector: {
    gateway: { browser: { origins }, replicas: { max: 7 } },
    balancer: { resources: { cpuLimitMillicores: 1_500 }, requestsPerSecondPerToken: 42 },
  },
});
const config = balancerConfig(settings);

/** The lines of one section. */
function section(title: string, of = renderHaproxy(config)): string[] {
  const found = of.split("\n\n").find((one) => one.startsWith(`${title}\n`)) ?? "";
  return found.trimEnd().split("\n    ").slice(1);
}

describe("the balancer", () => {
  it("opens a door for each protocol, and one for browsers where any may send", () => {
    expect(config.frontends.map(({ name, listener }) => [name, listener.port])).toEqual([
      ["public-grpc", 4327],
      ["public-http", 4328],
      ["browser-http", 4338],
    ]);
    const without = balancerConfig(stackSettings("prod"));
    expect(without.frontends).toHaveLength(2);
  });

  it("shows its certificate at each, and checks the gateways' by name", () => {
    const text = renderHaproxy(config);
    const doors = text.split("\n").filter((line) => line.trim().startsWith("bind :4"));
    expect(doors).toHaveLength(3);
    for (const door of doors) expect(door).toContain("ssl crt /etc/sightline/balancer-tls/tls.crt");
    const templates = text.match(/server-template/g);
    expect(text.match(/ssl verify required ca-file .* verifyhost gateway\./g)).toHaveLength(3);
    expect(templates).toHaveLength(3);
  });

  it("has a place for each gateway that there may be, and a thread for each core that it may use", () => {
    expect(section("backend gateways-public-grpc").at(-1)).toBe(
      "server-template gateway- 1-7 gateway-peers.sightline.svc.cluster.local:4327",
    );
    expect(section("global")).toContain("nbthread 2");
  });

  it("counts requests over ten seconds", () => {
    expect(section("frontend public-http")).toContain(
      "use_backend refused-too-fast if { sc_http_req_rate(1) gt 420 }",
    );
  });

  it("lets a star stand for names, and for nothing that ends the host", () => {
    const line = section("frontend browser-http").find((one) => one.includes("refused-origin"));
    const pattern = /-m reg '([^']+)'/.exec(line ?? "")?.[1];
    const origin = new RegExp(pattern ?? "never", "u");
    expect("https://a.b.example.org").toMatch(origin);
    for (const other of [
      "https://example.org",
      "https://evil.com/.example.org",
      "https://a.example.org.evil.com",
      "https://aexample.org",
      "http://a.example.org",
    ]) {
      expect(other).not.toMatch(origin);
    }
  });
});

describe("a configuration that does not hold together", () => {
  const [first, second] = config.frontends as [Frontend, Frontend];
  const withFrontends = (...frontends: Frontend[]): BalancerConfig => ({ ...config, frontends });

  it.each<[string, BalancerConfig, string]>([
    [
      "one name for two tables",
      withFrontends(first, { ...second, sources: { ...first.sources } }),
      "balancer: section sources is defined twice, differently. Fix: share one object, or give each a name of its own.",
    ],
    [
      "a port that is taken",
      withFrontends({ ...first, listener: { ...first.listener, port: config.ownPort } }),
      "balancer: port 8405 is opened twice. Fix: give each listener a port of its own.",
    ],
    [
      "no limit of requests",
      withFrontends({
        ...first,
        refusals: first.refusals.filter(({ refusal }) => refusal.status !== 429),
      }),
      "balancer: frontend public-grpc takes any number of requests. Fix: add a refusal with status 429.",
    ],
    [
      "a refusal that never happens",
      withFrontends({
        ...first,
        refusals: first.refusals.map((rule) =>
          rule.refusal.status === 401 ? { ...rule, when: [] } : rule,
        ),
      }),
      "balancer: frontend public-grpc never uses refused-without-token. Fix: say when, or remove it.",
    ],
    [
      "more connections for one than for all",
      withFrontends({ ...first, maxConnectionsPerSource: 10_001 }),
      "balancer: frontend public-grpc gives one source 10001 connections, of 10000 in all. Fix: lower the one or raise the other.",
    ],
  ])("is refused for %s", (_, broken, message) => {
    expect(() => {
      checkBalancerConfig(broken);
    }).toThrow(message);
  });
});
