import { randomBytes } from "node:crypto";
import { requiredSecrets } from "../config/platform-secrets.ts";
import {
  nonEmpty,
  parseSecret,
  previousSuffix,
  tokensText,
  type CertificateText,
} from "../config/secret-values.ts";
import type { SecretKey } from "../config/secrets.ts";
import type { Settings } from "../config/settings.ts";
import {
  daysLeft,
  expiresSoon,
  expiryDate,
  isMadeHere,
  makeAuthority,
  makeIngestCertificate,
  missingNames,
  readCertificate,
  reissueReason,
} from "./ingest-certificate.ts";
import type { StoredSecrets } from "./pulumi-cli.ts";

/** Secrets that this program makes, and so can make anew. The others are given by their owners. */
export const rotatableSecrets = [
  "ingestAuthority",
  "ingestCertificate",
  "ingestTokens",
  "grafanaAdminPassword",
] as const satisfies readonly SecretKey[];

const authorityNoticeDays = 60;

export type RotatableSecret = (typeof rotatableSecrets)[number];

/** `all` leaves a certificate that is the owner's own. */
export type Rotation = RotatableSecret | "all";

/** What is asked for, beside what is missing. */
export interface PlanRequest {
  readonly stack: string;
  readonly settings: Settings;
  readonly stored: StoredSecrets;
  readonly rotate: readonly Rotation[];
  /** Ends the tokens that rotations before left valid, and leaves none valid in this one. */
  readonly dropOld: boolean;
}

/** What is to be done about one secret, or only said about it. */
export interface Step {
  readonly key: SecretKey;
  readonly action: "made" | "kept" | "missing";
  /** To be stored; absent when nothing changes. */
  readonly value?: string;
  /** What a person should know, without any secret. */
  readonly notes: readonly string[];
}

/** Decides what is made and what is kept, in the order in which it is stored. Stores nothing. */
export async function planSecrets(request: PlanRequest): Promise<Step[]> {
  const required = new Set<SecretKey>(requiredSecrets(request.settings));
  const steps: Step[] = [];
  if (required.has("ingestCertificate")) steps.push(...(await planIngest(request)));
  if (required.has("ingestTokens")) steps.push(planTokens(request));
  if (required.has("grafanaAdminPassword")) steps.push(planPassword(request));
  for (const key of ["storageAccessKey", "storageSecretKey"] as const) {
    if (required.has(key)) steps.push(planGiven(request, key));
  }
  return steps;
}

async function planIngest(request: PlanRequest): Promise<Step[]> {
  const { settings, rotate } = request;
  const held = readHeld(request, "ingestCertificate", readCertificate);
  const isAsked = rotate.includes("ingestCertificate") || rotate.includes("ingestAuthority");
  if (held !== undefined && !isMadeHere(held) && !isAsked) {
    return [kept("ingestCertificate", foreignNotes(held, settings))];
  }
  const authority = await planAuthority(request);
  const notes: string[] = [];
  if (held !== undefined && !isRotated(request, "ingestCertificate")) {
    const reason = reissueReason(held, authority.text, settings);
    if (reason === undefined) return [authority.step, kept("ingestCertificate", [ending(held)])];
    notes.push(reason);
  }
  const issued = await makeIngestCertificate(authority.text, settings);
  const step = made("ingestCertificate", JSON.stringify(issued), [...notes, ending(issued)]);
  return [authority.step, step];
}

async function planAuthority(
  request: PlanRequest,
): Promise<{ readonly text: CertificateText; readonly step: Step }> {
  const { stack, stored } = request;
  const held = readHeld(request, "ingestAuthority", readCertificate);
  if (held === undefined || isRotated(request, "ingestAuthority")) {
    const text = await makeAuthority();
    const isNew = stored.ingestCertificate === undefined;
    const notes = [
      `ends on ${expiryDate(text)}`,
      `senders check the ingest by it: \`npm run --silent secrets -- ${stack} --print-authority\``,
      ...(isNew
        ? []
        : ["give it to every sender, beside the one before, and only then run `pulumi up`"]),
    ];
    return { text, step: made("ingestAuthority", JSON.stringify(text), notes) };
  }
  const days = daysLeft(held);
  const rotation = `npm run secrets -- ${stack} --rotate ingestAuthority`;
  if (days < 1) {
    throw new Error(
      `the ingest authority of stack ${stack} ended on ${expiryDate(held)}. Fix: \`${rotation}\``,
    );
  }
  const notes = [
    `ends on ${expiryDate(held)}`,
    ...(days < authorityNoticeDays ? [`soon: \`${rotation}\``] : []),
  ];
  return { text: held, step: kept("ingestAuthority", notes) };
}

function planTokens(request: PlanRequest): Step {
  const { stack, dropOld } = request;
  const held = readHeld(request, "ingestTokens", (text) => parseSecret(text, tokensText));
  if (held === undefined) {
    return made("ingestTokens", JSON.stringify({ default: token() }), [
      "one, named default",
      readBy("ingestTokens", stack),
    ]);
  }
  const names = Object.keys(held).filter((name) => !name.endsWith(previousSuffix));
  const valid = `valid: ${names.join(", ")}`;
  if (isRotated(request, "ingestTokens")) {
    const tokens = names.flatMap((name) => [
      [name, token()],
      ...(dropOld ? [] : [[name + previousSuffix, held[name]]]),
    ]);
    const later = dropOld
      ? "all before end with the next `pulumi up`"
      : `of those before, the last ones stay valid until \`npm run secrets -- ${stack} --drop-old\``;
    return made("ingestTokens", JSON.stringify(Object.fromEntries(tokens)), [valid, later]);
  }
  if (names.length === Object.keys(held).length) return kept("ingestTokens", [valid]);
  if (!dropOld) {
    const old = `the ones before the last rotation too, until \`npm run secrets -- ${stack} --drop-old\``;
    return kept("ingestTokens", [valid, old]);
  }
  const tokens = Object.fromEntries(names.map((name) => [name, held[name]]));
  const ended = "the ones before the last rotation end with the next `pulumi up`";
  return made("ingestTokens", JSON.stringify(tokens), [valid, ended]);
}

function planPassword(request: PlanRequest): Step {
  const { stored, settings } = request;
  const key = "grafanaAdminPassword";
  readHeld(request, key, nonEmpty);
  if (stored[key] === undefined) {
    return made(key, token(), ["of the user admin", readBy(key, request.stack)]);
  }
  if (!isRotated(request, key)) return kept(key, []);
  const reset = `kubectl -n ${settings.namespace} exec -i <Grafana's pod> -- grafana cli admin reset-admin-password --password-from-stdin`;
  return made(key, token(), [
    `a Grafana that has started before keeps the one in its database; give it the new one by \`${reset}\``,
  ]);
}

function planGiven({ stack, stored }: PlanRequest, key: SecretKey): Step {
  if (nonEmpty(stored[key] ?? "") !== undefined) return kept(key, []);
  const command = `pulumi config set --secret ${key} --stack ${stack}`;
  return {
    key,
    action: "missing",
    notes: [`the object store's owner gives it; store it by \`${command}\`, which asks for it`],
  };
}

function isRotated({ rotate }: PlanRequest, key: RotatableSecret): boolean {
  return rotate.includes(key) || rotate.includes("all");
}

/** What the stack holds under `key`. Something unreadable may be its owner's: it is not replaced unasked. */
function readHeld<T>(
  request: PlanRequest,
  key: RotatableSecret,
  read: (text: string) => T | undefined,
): T | undefined {
  const { stack, stored } = request;
  const text = stored[key];
  const value = text === undefined ? undefined : read(text);
  if (text === undefined || value !== undefined || isRotated(request, key)) return value;
  const rotation = `\`npm run secrets -- ${stack} --rotate ${key}\` makes it anew`;
  const fix =
    key === "ingestTokens"
      ? `store JSON of names to tokens, both without blanks, or ${rotation}, with one token alone`
      : rotation;
  throw new Error(`${key} of stack ${stack} does not hold what it should. Fix: ${fix}`);
}

function foreignNotes(held: CertificateText, settings: Settings): string[] {
  const missing = missingNames(held, settings);
  return [
    "yours: it is of another authority and never replaced unasked",
    `ends on ${expiryDate(held)}${expiresSoon(held) ? ": renew it now" : ""}`,
    ...(missing.length > 0 ? [`it lacks ${missing.join(", ")}`] : []),
  ];
}

function ending(certificate: CertificateText): string {
  return `ends on ${expiryDate(certificate)}; this command renews it in its last 30 days`;
}

function made(key: SecretKey, value: string, notes: readonly string[]): Step {
  return { key, action: "made", value, notes };
}

function kept(key: SecretKey, notes: readonly string[]): Step {
  return { key, action: "kept", notes };
}

function readBy(key: SecretKey, stack: string): string {
  return `\`pulumi config get ${key} --stack ${stack}\` shows it`;
}

/** 256 random bits, of letters that need no quotes in a shell, a URL or a header. */
function token(): string {
  return randomBytes(32).toString("base64url");
}
