import { ConfigError, type ConfigIssue } from "../config/issue.ts";
import type { BalancerConfig, Frontend } from "./model.ts";

/** Everything of one kind that the frontends hold, each once. */
export function heldBy<T>(frontends: readonly Frontend[], held: (one: Frontend) => T[]): T[] {
  return [...new Set(frontends.flatMap(held))];
}

function twice(values: readonly (string | number)[]): (string | number)[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function names({ frontends }: BalancerConfig): ConfigIssue[] {
  const all = [
    ...frontends.map(({ name }) => name),
    ...heldBy(frontends, ({ sources, tokens, refusals, pool }) => [
      sources,
      ...(tokens === undefined ? [] : [tokens]),
      ...refusals.map(({ refusal }) => refusal),
      pool,
    ]).map(({ name }) => name),
  ];
  return twice(all).map((name) => ({
    path: `section ${name}`,
    problem: "is defined twice, differently",
    fix: "share one object, or give each a name of its own",
  }));
}

function listeners({ frontends, ownPort }: BalancerConfig): ConfigIssue[] {
  const open = [ownPort, ...frontends.map(({ listener }) => listener.port)];
  return twice(open).map((port) => ({
    path: `port ${port}`,
    problem: "is opened twice",
    fix: "give each listener a port of its own",
  }));
}

function neverRefuses({ frontends }: BalancerConfig): ConfigIssue[] {
  return frontends.flatMap(({ name, refusals }) => {
    const isLimited = refusals.some(({ refusal }) => refusal.status === 429);
    const empty = refusals.filter(({ when }) => when.length === 0);
    return [
      ...(isLimited
        ? []
        : [
            {
              path: `frontend ${name}`,
              problem: "takes any number of requests",
              fix: "add a refusal with status 429",
            },
          ]),
      ...empty.map(({ refusal }) => ({
        path: `frontend ${name}`,
        problem: `never uses ${refusal.name}`,
        fix: "say when, or remove it",
      })),
    ];
  });
}

function connections({ frontends, maxConnections }: BalancerConfig): ConfigIssue[] {
  return frontends
    .filter(({ maxConnectionsPerSource }) => maxConnectionsPerSource > maxConnections)
    .map(({ name, maxConnectionsPerSource }) => ({
      path: `frontend ${name}`,
      problem: `gives one source ${maxConnectionsPerSource} connections, of ${maxConnections} in all`,
      fix: "lower the one or raise the other",
    }));
}

const checks = [names, listeners, neverRefuses, connections] as const;

/** Throws one error with everything about a balancer's configuration that does not hold together. */
export function checkBalancerConfig(config: BalancerConfig): void {
  const issues = checks.flatMap((check) => check(config));
  if (issues.length > 0) throw new ConfigError("balancer", issues);
}
