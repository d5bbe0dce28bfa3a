import {
  anyOf,
  attributes,
  cached,
  coalesce,
  set,
  text,
  when,
  type StatementGroup,
} from "./ottl.ts";

/** Levels by their names, as winston's npm and syslog levels, pino and Python have them, and their severity number. */
export const severityOfLevel: Readonly<Record<string, number>> = {
  silly: 1,
  trace: 1,
  debug: 5,
  verbose: 6,
  http: 7,
  info: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  err: 17,
  error: 17,
  crit: 21,
  critical: 21,
  fatal: 21,
  alert: 22,
  emerg: 23,
};

/** Pino's numbers. A level between two of them counts as the lower one. */
export const pinoLevels = [
  { from: 10, name: "trace" },
  { from: 20, name: "debug" },
  { from: 30, name: "info" },
  { from: 40, name: "warn" },
  { from: 50, name: "error" },
  { from: 60, name: "fatal" },
] as const;

/** Attributes that loggers write their level to. */
const levelKeys = ["level", "severity", "log.level", "loglevel"] as const;

const level = cached("log", "level");
const number = cached("log", "number");

function namesFromNumbers(): string[] {
  return pinoLevels.map(({ from, name }, index) => {
    const next = pinoLevels[index + 1];
    const below = next === undefined ? "" : ` and ${number} < ${next.from}`;
    return set(level, text(name), `${number} >= ${from}${below}`);
  });
}

function numbersFromNames(): string[] {
  return [...new Set(Object.values(severityOfLevel))].map((value) => {
    const names = Object.keys(severityOfLevel).filter((name) => severityOfLevel[name] === value);
    const named = anyOf(names.map((name) => `${level} == ${text(name)}`));
    return set("log.severity_number", String(value), named);
  });
}

/** Gives logs that have no severity the one that their level says. */
export function severities(): StatementGroup {
  const written = coalesce([
    ...levelKeys.map((key) => attributes("log", key)),
    "log.severity_text",
  ]);
  const said = anyOf(levelKeys.map((key) => `${attributes("log", key)} != nil`));
  const known = "log.severity_number != 0";
  return {
    condition: `log.severity_number == 0 and (${said} or log.severity_text != "")`,
    statements: [
      set(level, `ToLowerCase(String(${written}))`),
      set(number, `Int(${level})`),
      ...namesFromNumbers(),
      ...numbersFromNames(),
      set("log.severity_text", level, `${known} and log.severity_text == ""`),
      ...levelKeys.map((key) => when(`delete_key(log.attributes, ${text(key)})`, known)),
    ],
  };
}
