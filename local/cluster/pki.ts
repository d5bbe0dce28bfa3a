import { existsSync, mkdirSync, readFileSync } from "node:fs";
import {
  certificateMatches,
  createAuthority,
  createSigningKeys,
  issueCertificate,
  readCertificateExpiry,
  readCertificateNames,
  type CertificatePair,
  type CertificateRequest,
} from "../../secrets/certificates.ts";
import { nodeName } from "./cluster.ts";
import type { ClusterLayout } from "./layout.ts";
import {
  authorities,
  certificateFiles,
  tokenKeyFiles,
  type AuthorityName,
  type CertificateName,
} from "./pki-files.ts";
import { writeFileWhole, type ClusterNetwork } from "./record.ts";

const authorityDays = 3650;
const certificateDays = 365;
/** An `up` this long before the end makes a new one. */
const renewBeforeDays = 30;

type WantedCertificate = Omit<CertificateRequest, "validDays"> & { authority: AuthorityName };

/** Every certificate of the cluster by its file name. */
function wantedCertificates(network: ClusterNetwork): Record<CertificateName, WantedCertificate> {
  const client = (commonName: string, organization?: string): WantedCertificate => ({
    authority: "cluster-ca",
    commonName,
    ...(organization === undefined ? {} : { organization }),
    usages: ["client"],
  });
  const server = (
    authority: AuthorityName,
    commonName: string,
    ipAddresses: string[],
    dnsNames: string[],
  ): WantedCertificate => ({ authority, commonName, ipAddresses, dnsNames, usages: ["server"] });
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  return {
    // etcd shows this one to its peers too, as a client.
    "etcd-server": {
      ...server("etcd-ca", "etcd", ["127.0.0.1"], ["localhost"]),
      usages: ["server", "client"],
    },
    "etcd-client": { ...client("kube-apiserver"), authority: "etcd-ca" },
    apiserver: server(
      "cluster-ca",
      "kube-apiserver",
      [network.nodeIp, network.apiServiceIp, "127.0.0.1"],
      [...service, "kubernetes.default.svc.cluster.local", "localhost"],
    ),
    "apiserver-kubelet-client": client("kube-apiserver-kubelet-client"),
    "front-proxy-client": { ...client("front-proxy-client"), authority: "front-proxy-ca" },
    "controller-manager-server": server("cluster-ca", "controller-manager", ["127.0.0.1"], []),
    "controller-manager": client("system:kube-controller-manager"),
    "scheduler-server": server("cluster-ca", "scheduler", ["127.0.0.1"], []),
    scheduler: client("system:kube-scheduler"),
    "kubelet-server": server("cluster-ca", `system:node:${nodeName}`, [network.nodeIp], [nodeName]),
    kubelet: client(`system:node:${nodeName}`, "system:nodes"),
    proxy: client("system:kube-proxy"),
    router: client("sightline:network-policies"),
    provisioner: client("sightline:volume-provisioner"),
    admin: client("sightline-local-admin", "system:masters"),
  };
}

/** Makes what is missing, damaged, about to expire or for other addresses; keeps the rest. */
export async function ensurePki(layout: ClusterLayout, network: ClusterNetwork): Promise<void> {
  mkdirSync(layout.pki, { recursive: true, mode: 0o700 });
  const issuers = new Map<AuthorityName, CertificatePair>();
  for (const name of authorities) {
    const files = certificateFiles(layout, name);
    const kept = readPair(files);
    const pair =
      kept !== undefined && isLasting(kept) && certificateMatches(kept.certificate, kept)
        ? kept
        : await createAuthority(`sightline-local-${name}`, { validDays: authorityDays });
    if (pair !== kept) writePair(files, pair);
    issuers.set(name, pair);
  }
  for (const [name, wanted] of Object.entries(wantedCertificates(network))) {
    const files = certificateFiles(layout, name as CertificateName);
    const issuer = issuers.get(wanted.authority);
    if (issuer === undefined) throw new Error(`${name} names an unknown authority`);
    if (isCurrent(readPair(files), wanted, issuer)) continue;
    writePair(files, await issueCertificate(issuer, { ...wanted, validDays: certificateDays }));
  }
  const tokenKeys = tokenKeyFiles(layout);
  if (!existsSync(tokenKeys.privateKey) || !existsSync(tokenKeys.publicKey)) {
    const keys = await createSigningKeys();
    writeFileWhole(tokenKeys.privateKey, keys.privateKey, 0o600);
    writeFileWhole(tokenKeys.publicKey, keys.publicKey, 0o644);
  }
}

function isCurrent(
  pair: CertificatePair | undefined,
  wanted: WantedCertificate,
  issuer: CertificatePair,
): boolean {
  if (pair === undefined || !isLasting(pair)) return false;
  const names = [...(wanted.dnsNames ?? []), ...(wanted.ipAddresses ?? [])].sort();
  return (
    certificateMatches(issuer.certificate, pair) &&
    JSON.stringify(readCertificateNames(pair.certificate)) === JSON.stringify(names)
  );
}

function isLasting(pair: CertificatePair): boolean {
  const millisecondsLeft = readCertificateExpiry(pair.certificate).getTime() - Date.now();
  return millisecondsLeft > renewBeforeDays * 24 * 60 * 60 * 1000;
}

/** A pair that cannot be read or parsed counts as missing, so that it is made again. */
function readPair(files: { certificate: string; privateKey: string }): CertificatePair | undefined {
  try {
    const pair = {
      certificate: readFileSync(files.certificate, "utf8"),
      privateKey: readFileSync(files.privateKey, "utf8"),
    };
    certificateMatches(pair.certificate, pair);
    return pair;
  } catch {
    return undefined;
  }
}

function writePair(
  files: { certificate: string; privateKey: string },
  pair: CertificatePair,
): void {
  writeFileWhole(files.privateKey, pair.privateKey, 0o600);
  writeFileWhole(files.certificate, pair.certificate, 0o644);
}
