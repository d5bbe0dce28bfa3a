import { fanOutSecretUses } from "../config/fan-out.ts";
import { requiredSecrets } from "../config/platform-secrets.ts";
import {
  namedSecrets,
  nonEmpty,
  parseSecret,
  tokensText,
  type CertificateText,
} from "../config/secret-values.ts";
import { fanOutCommand, type SecretKey } from "../config/secrets.ts";
import type { Settings } from "../config/settings.ts";
import {
  certificateNames,
  daysLeft,
  expiresSoon,
  expiryDate,
  isMadeHere,
  makeAuthority,
  makeCertificate,
  missingNames,
  previousAuthority,
  readCertificate,
  reissueReason,
  type IssuedCertificate,
} from "./ingest-certificate.ts";
import { planTokens, randomToken } from "./ingest-tokens.ts";
import type { StoredSecrets } from "./pulumi-cli.ts";

/** Secrets that this program makes, and so can make anew. The others are given by their owners. */
export const rotatableSecrets = [
  "ingestAuthority",
  "ingestCertificate",
  "gatewayCertificate",
  "ingestTokens",
  "grafanaAdminPassword",
] as const satisfies readonly SecretKey[];

const authorityNoticeDays = 60;

export type RotatableSecret = (typeof rotatableSecrets)[number];

/** Begins the name of one tenant's token, as in `ingestTokens.shop`. */
export const tenantRotation = "ingestTokens.";

/** `all` leaves a certificate that is the owner's own. */
export type Rotation = RotatableSecret | "all" | `${typeof tenantRotation}${string}`;

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
  steps.push(...(await planCertificates(request, required)));
  if (required.has("ingestTokens")) steps.push(planTenants(request));
  if (required.has("grafanaAdminPassword")) steps.push(planPassword(request));
  for (const key of ["storageAccessKey", "storageSecretKey"] as const) {
    if (required.has(key)) steps.push(planGiven(request, key));
  }
  if (required.has("fanOutSecrets")) steps.push(planFanOut(request));
  return steps;
}

const issued = ["ingestCertificate", "gatewayCertificate"] as const;

async function planCertificates(
  request: PlanRequest,
  required: ReadonlySet<SecretKey>,
): Promise<Step[]> {
  const foreign = required.has("ingestCertificate") ? foreignStep(request) : undefined;
  const own = issued.filter((key) => required.has(key) && foreign?.key !== key);
  const kept = foreign === undefined ? [] : [foreign];
  if (own.length === 0) return kept;
  const authority = await planAuthority(request);
  const steps: Step[] = [];
  for (const key of own) steps.push(await planCertificate(request, authority.text, key));
  return [authority.step, ...kept, ...steps];
}

/** Keeps a certificate of another authority, unless it is named. */
function foreignStep(request: PlanRequest): Step | undefined {
  const { settings, rotate } = request;
  const held = readHeld(request, "ingestCertificate", readCertificate);
  const isAsked = rotate.includes("ingestCertificate") || rotate.includes("ingestAuthority");
  if (held === undefined || isMadeHere(held) || isAsked) return undefined;
  return kept("ingestCertificate", foreignNotes(held, settings));
}

async function planCertificate(
  request: PlanRequest,
  authority: CertificateText,
  key: IssuedCertificate,
): Promise<Step> {
  const held = readHeld(request, key, readCertificate);
  const names = certificateNames(key, request.settings);
  const notes: string[] = [];
  if (held !== undefined && !isRotated(request, key)) {
    const reason = reissueReason(held, authority, names);
    if (reason === undefined) return kept(key, [ending(held)]);
    notes.push(reason);
  }
  const certificate = await makeCertificate(authority, names);
  return made(key, JSON.stringify(certificate), [...notes, ending(certificate)]);
}

async function planAuthority(
  request: PlanRequest,
): Promise<{ readonly text: CertificateText; readonly step: Step }> {
  const { stack, stored, dropOld } = request;
  const held = readHeld(request, "ingestAuthority", readCertificate);
  if (held === undefined || isRotated(request, "ingestAuthority")) {
    const text = await makeAuthority();
    // The balancer goes on to believe gateways that still show a certificate of the authority before.
    const value = { ...text, ...(held && !dropOld ? { previous: held.certificate } : {}) };
    const isNew = stored.ingestCertificate === undefined;
    const notes = [
      `ends on ${expiryDate(text)}`,
      `senders check the ingest by it: \`npm run --silent secrets -- ${stack} --print-authority\``,
      ...(isNew
        ? []
        : ["give it to every sender, beside the one before, and only then run `pulumi up`"]),
    ];
    return { text, step: made("ingestAuthority", JSON.stringify(value), notes) };
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
  if (dropOld && previousAuthority(stored.ingestAuthority ?? "") !== undefined) {
    const ended = [...notes, "the one before is forgotten with the next `pulumi up`"];
    return { text: held, step: made("ingestAuthority", JSON.stringify(held), ended) };
  }
  return { text: held, step: kept("ingestAuthority", notes) };
}

function planTenants(request: PlanRequest): Step {
  const { stack, settings, rotate, dropOld } = request;
  const held = readHeld(request, "ingestTokens", (text) => parseSecret(text, tokensText));
  const named = rotate.flatMap((name) =>
    name.startsWith(tenantRotation) ? [name.slice(tenantRotation.length)] : [],
  );
  const isAll = isRotated(request, "ingestTokens");
  const { tokens, notes } = planTokens({
    stack,
    tenants: settings.tenants,
    held,
    rotate: isAll ? settings.tenants : named,
    dropOld,
  });
  const owners = Object.keys(tokens);
  const isSame =
    held !== undefined &&
    Object.keys(held).length === owners.length &&
    owners.every((owner) => held[owner] === tokens[owner]);
  return isSame ? kept("ingestTokens", notes) : made("ingestTokens", JSON.stringify(tokens), notes);
}

function planPassword(request: PlanRequest): Step {
  const { stored, settings } = request;
  const key = "grafanaAdminPassword";
  readHeld(request, key, nonEmpty);
  if (stored[key] === undefined) {
    return made(key, randomToken(), ["of the user admin", readBy(key, request.stack)]);
  }
  if (!isRotated(request, key)) return kept(key, []);
  const reset = `kubectl -n ${settings.namespace} exec -i <Grafana's pod> -- grafana cli admin reset-admin-password --password-from-stdin`;
  return made(key, randomToken(), [
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

function planFanOut({ stack, stored, settings }: PlanRequest): Step {
  const key = "fanOutSecrets";
  const held = parseSecret(stored[key] ?? "{}", namedSecrets) ?? {};
  const missing = [...fanOutSecretUses(settings).keys()].filter((name) => !(name in held));
  if (missing.length === 0) return kept(key, []);
  const commands = missing.map((name) => `\`${fanOutCommand(name, stack)}\``);
  const notes = [`their targets' owners give them; store them by ${commands.join(", ")}`];
  return { key, action: "missing", notes };
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
      ? `store JSON of names to tokens, both without blanks, or ${rotation}, with one token for each tenant`
      : rotation;
  throw new Error(`${key} of stack ${stack} does not hold what it should. Fix: ${fix}`);
}

function foreignNotes(held: CertificateText, settings: Settings): string[] {
  const missing = missingNames(held, certificateNames("ingestCertificate", settings));
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
