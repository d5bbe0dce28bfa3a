import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { publicWorkload, serviceHost } from "../config/endpoints.ts";
import {
  authorityCertificates,
  certificateText,
  parseSecret,
  type CertificateText,
} from "../config/secret-values.ts";
import type { Settings } from "../config/settings.ts";
import {
  certificateMatches,
  createAuthority,
  issueCertificate,
  readCertificateExpiry,
  readCertificateNames,
  type CertificatePair,
} from "./certificates.ts";

const authorityName = "Sightline ingest authority";
const authorityValidDays = 3_650;
const certificateValidDays = 365;
const renewBeforeDays = 30;
const millisecondsPerDay = 86_400_000;

/** A new authority, as the stack stores it. The random end tells it from the one before, for senders that trust both. */
export async function makeAuthority(): Promise<CertificateText> {
  const name = `${authorityName} ${randomBytes(4).toString("hex")}`;
  return textOf(await createAuthority(name, { validDays: authorityValidDays }));
}

/** A new certificate for these names; it never outlives its authority. */
export async function makeCertificate(
  authority: CertificateText,
  dnsNames: readonly string[],
): Promise<CertificateText> {
  const validDays = Math.min(certificateValidDays, Math.floor(daysLeft(authority)));
  const pair = await issueCertificate(pairOf(authority), {
    commonName: dnsNames[0] ?? "",
    dnsNames,
    usages: ["server"],
    validDays,
  });
  return textOf(pair);
}

/** Certificates that are made here: what senders outside see, and what the balancer sees of the gateways. */
export type IssuedCertificate = "ingestCertificate" | "gatewayCertificate";

/** Every name under which a certificate's holder may be dialled. */
export function certificateNames(key: IssuedCertificate, settings: Settings): string[] {
  if (key === "gatewayCertificate") return inClusterNames("gateway", settings);
  const inCluster = inClusterNames(publicWorkload(settings), settings);
  return [...new Set([...inCluster, ...settings.collector.gateway.public.dnsNames])];
}

function inClusterNames(workload: "gateway" | "balancer", settings: Settings): string[] {
  const { namespace } = settings;
  const short = [workload, `${workload}.${namespace}`, `${workload}.${namespace}.svc`];
  return [...short, serviceHost(settings, workload)];
}

/** What the stack stores, or undefined when it is not a certificate with its own key. */
export function readCertificate(stored: string): CertificateText | undefined {
  const text = parseSecret(stored, certificateText);
  if (text === undefined) return undefined;
  try {
    const certificate = new X509Certificate(text.certificate);
    return certificate.checkPrivateKey(createPrivateKey(text.key)) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an authority of this program signed it; one that the owner brought is never replaced unasked. */
export function isMadeHere({ certificate }: CertificateText): boolean {
  return new X509Certificate(certificate).issuer.includes(authorityName);
}

/** Names that the certificate should hold and does not. */
export function missingNames(certificate: CertificateText, names: readonly string[]): string[] {
  const held = new Set(readCertificateNames(certificate.certificate));
  return names.filter((name) => !held.has(name));
}

/** Why a certificate must be issued again, or undefined when it is good. */
export function reissueReason(
  certificate: CertificateText,
  authority: CertificateText,
  names: readonly string[],
): string | undefined {
  if (!certificateMatches(authority.certificate, pairOf(certificate))) {
    return "the one before is of another authority";
  }
  const missing = missingNames(certificate, names);
  if (missing.length > 0) return `the one before lacks ${missing.join(", ")}`;
  const outlived = daysLeft(authority) - daysLeft(certificate) > 1;
  if (expiresSoon(certificate) && outlived) {
    return `the one before ends on ${expiryDate(certificate)}`;
  }
  return undefined;
}

/** The certificate of the authority before, in what the stack stores of one. */
export function previousAuthority(stored: string): string | undefined {
  return parseSecret(stored, authorityCertificates)?.[1];
}

/** Whether it ends within the time in which it should be made again. */
export function expiresSoon(certificate: CertificateText): boolean {
  return daysLeft(certificate) < renewBeforeDays;
}

/** The day that it ends on: `2027-11-20`. */
export function expiryDate({ certificate }: CertificateText): string {
  return readCertificateExpiry(certificate).toISOString().slice(0, 10);
}

/** Days until it ends, below zero when it has ended. */
export function daysLeft({ certificate }: CertificateText): number {
  return (readCertificateExpiry(certificate).getTime() - Date.now()) / millisecondsPerDay;
}

function textOf({ certificate, privateKey }: CertificatePair): CertificateText {
  return { certificate, key: privateKey };
}

function pairOf({ certificate, key }: CertificateText): CertificatePair {
  return { certificate, privateKey: key };
}
