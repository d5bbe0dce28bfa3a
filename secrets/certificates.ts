import "reflect-metadata"; // @peculiar/x509 needs it before its own import
import {
  createPrivateKey,
  randomBytes,
  webcrypto,
  X509Certificate as NodeCertificate,
} from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate and its private key, both as PEM text. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** What a certificate is for: proving a server's name, a client's, or both. */
export type CertificateUsage = "server" | "client";

/** What a certificate says about its holder. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads it as the user's group. */
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly CertificateUsage[];
  readonly validDays: number;
}

const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const millisecondsPerDay = 24 * 60 * 60 * 1000;
/** A certificate is good from an hour ago, so that a reader whose clock is behind takes it too. */
const clockSkewMilliseconds = 60 * 60 * 1000;

const usageOids: Record<CertificateUsage, string> = {
  server: x509.ExtendedKeyUsage.serverAuth,
  client: x509.ExtendedKeyUsage.clientAuth,
};

x509.cryptoProvider.set(webcrypto);

/** Makes a self-signed authority that can issue certificates but no further authorities. */
export async function createAuthority(
  commonName: string,
  options: { readonly validDays: number },
): Promise<CertificatePair> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: subject(commonName),
    ...validity(options.validDays),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemText(certificate), privateKey: await exportPrivateKey(keys) };
}

/** Issues a certificate with a key of its own, signed by the authority. */
export async function issueCertificate(
  authority: CertificatePair,
  request: CertificateRequest,
): Promise<CertificatePair> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await generateKeys();
  const names: x509.JsonGeneralName[] = [
    ...(request.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subject(request.commonName, request.organization),
    issuer: issuer.subjectName,
    ...validity(request.validDays),
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: await importPrivateKey(authority.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(request.usages.map((usage) => usageOids[usage])),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pemText(certificate), privateKey: await exportPrivateKey(keys) };
}

/** A bare key pair for signing tokens, as PEM text (PKCS #8 and SPKI). */
export async function createSigningKeys(): Promise<{ privateKey: string; publicKey: string }> {
  const keys = await generateKeys();
  const spki = await webcrypto.subtle.exportKey("spki", keys.publicKey);
  return {
    privateKey: await exportPrivateKey(keys),
    publicKey: `${x509.PemConverter.encode(spki, "PUBLIC KEY")}\n`,
  };
}

/** When the certificate stops being valid. */
export function readCertificateExpiry(pem: string): Date {
  return new Date(parseCertificate(pem).validTo);
}

/** Whether `pem` was signed by the authority and belongs to `privateKey`. */
export function certificateMatches(authorityPem: string, pair: CertificatePair): boolean {
  const certificate = parseCertificate(pair.certificate);
  return (
    certificate.verify(parseCertificate(authorityPem).publicKey) &&
    certificate.checkPrivateKey(createPrivateKey(pair.privateKey))
  );
}

/** The names and addresses that the certificate vouches for, sorted. */
export function readCertificateNames(pem: string): string[] {
  const names = parseCertificate(pem).subjectAltName?.split(", ") ?? [];
  return names.map((name) => name.replace(/^(DNS|IP Address):/, "")).sort();
}

function parseCertificate(pem: string): NodeCertificate {
  try {
    return new NodeCertificate(pem);
  } catch (cause) {
    throw new Error("this is no PEM certificate. Fix: make it again", { cause });
  }
}

function validity(validDays: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now - clockSkewMilliseconds),
    notAfter: new Date(now + validDays * millisecondsPerDay),
  };
}

/** A list of attributes, not a text: a name may hold commas, colons and equals signs. */
function subject(commonName: string, organization?: string): x509.JsonName {
  return [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

/** 16 random bytes; the first bit is cleared because a serial number must be positive. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString("hex");
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
}

async function exportPrivateKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
}

async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, signingAlgorithm, false, ["sign"]);
}

function pemText(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}
