import { expect, test } from "vitest";
import { serviceHost } from "../../config/endpoints.ts";
import { examplesNamespace } from "../../config/examples.ts";
import { ports } from "../../config/ports.ts";
import { kubectl } from "./kubectl.ts";
import { connectTimeoutMs, tryEveryWay } from "./network.ts";
import { testStack } from "./stacks.ts";

const { settings } = testStack("dev", { loki: { retentionDays: 5 } });

tryEveryWay(settings);

test("an application reaches the agent of its node and nothing behind it", async () => {
  const script = `
    const net = require("node:net");
    const attempt = (host, port) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: ${connectTimeoutMs} });
      socket.on("connect", () => { socket.destroy(); resolve("open"); });
      socket.on("timeout", () => { socket.destroy(); resolve("silent"); });
      socket.on("error", (error) => resolve(error.code));
    });
    Promise.all(JSON.parse(process.argv[1]).map(([host, port]) => attempt(host, port)))
      .then((answers) => console.log(JSON.stringify(answers)));`;
  const asked: [string, number][] = [
    [serviceHost(settings, "agent"), ports.agent.otlpGrpc],
    [serviceHost(settings, "agent"), ports.agent.otlpHttp],
    [serviceHost(settings, "gateway"), ports.gateway.agents],
    [serviceHost(settings, "loki"), ports.loki.http],
    [serviceHost(settings, "prometheus"), ports.prometheus.http],
    [serviceHost(settings, "sampler"), ports.sampler.otlpGrpc],
  ];
  const exec = [
    "exec",
    "-n",
    examplesNamespace(settings),
    "deploy/hello",
    "--",
    "node",
    "-e",
    script,
  ];
  const answers = JSON.parse(await kubectl([...exec, JSON.stringify(asked)])) as string[];
  expect(answers.slice(0, 2)).toEqual(["open", "open"]);
  expect(answers.slice(2)).not.toContain("open");
});
