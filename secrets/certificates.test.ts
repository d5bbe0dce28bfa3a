import { once } from "node:events";
import { createServer, connect, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { X509Certificate } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import {
  certificateMatches,
  createAuthority,
  createSigningKeys,
  issueCertificate,
  readCertificateExpiry,
  readCertificateNames,
  type CertificatePair,
} from "./certificates.ts";

const day = 24 * 60 * 60 * 1000;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Shakes hands over real TLS on loopback, both sides proving who they are. */
async function handshake(
  authority: CertificatePair,
  server: CertificatePair,
  client: CertificatePair,
  serverName: string,
): Promise<{ clientName: string }> {
  const listener = createServer({
    cert: server.certificate,
    key: server.privateKey,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  closers.push(() => listener.close());
  const accepted = new Promise<TLSSocket>((resolve, reject) => {
    listener.on("secureConnection", resolve);
    listener.on("tlsClientError", reject);
  });
  accepted.catch(() => undefined);
  const socket = connect({
    host: "127.0.0.1",
    port: (listener.address() as AddressInfo).port,
    servername: serverName,
    ca: authority.certificate,
    cert: client.certificate,
    key: client.privateKey,
  });
  closers.push(() => socket.destroy());
  await once(socket, "secureConnect");
  const name = (await accepted).getPeerCertificate().subject.CN;
  return { clientName: String(name) };
}

async function pairs(authority: CertificatePair) {
  const server = await issueCertificate(authority, {
    commonName: "ingest",
    dnsNames: ["ingest.example.com"],
    ipAddresses: ["127.0.0.1"],
    usages: ["server"],
    validDays: 30,
  });
  const client = await issueCertificate(authority, {
    commonName: "system:node:one, two=three",
    organization: "system:nodes",
    usages: ["client"],
    validDays: 30,
  });
  return { server, client };
}

describe("certificates", () => {
  it("carry a mutual TLS handshake and the client's exact name", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const { server, client } = await pairs(authority);
    const { clientName } = await handshake(authority, server, client, "ingest.example.com");
    expect(clientName).toBe("system:node:one, two=three");
  });

  it("are refused for a name that they do not hold", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const { server, client } = await pairs(authority);
    await expect(handshake(authority, server, client, "other.example.com")).rejects.toThrow(
      /Hostname\/IP does not match/,
    );
  });

  it("are refused when another authority of the same name signed them", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const impostor = await createAuthority("test authority", { validDays: 30 });
    const { client } = await pairs(authority);
    const { server } = await pairs(impostor);
    await expect(handshake(authority, server, client, "ingest.example.com")).rejects.toThrow(
      /certificate/,
    );
  });

  it("refuse a client certificate as a server's", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const { client } = await pairs(authority);
    await expect(handshake(authority, client, client, "ingest.example.com")).rejects.toMatchObject({
      code: "INVALID_PURPOSE",
    });
  });

  it("say who holds them, for which names and until when", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const { server, client } = await pairs(authority);
    expect(new X509Certificate(client.certificate).subject).toBe(
      "O=system:nodes\nCN=system:node:one\\, two=three",
    );
    expect(readCertificateNames(server.certificate)).toEqual(["127.0.0.1", "ingest.example.com"]);
    expect(readCertificateNames(client.certificate)).toEqual([]);
    const days = (readCertificateExpiry(server.certificate).getTime() - Date.now()) / day;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  it("match only their own authority and key", async () => {
    const authority = await createAuthority("test authority", { validDays: 30 });
    const other = await createAuthority("test authority", { validDays: 30 });
    const { server, client } = await pairs(authority);
    expect(certificateMatches(authority.certificate, server)).toBe(true);
    expect(certificateMatches(other.certificate, server)).toBe(false);
    const mixed = { certificate: server.certificate, privateKey: client.privateKey };
    expect(certificateMatches(authority.certificate, mixed)).toBe(false);
  });

  it("name the fix when the text is no certificate", () => {
    expect(() => readCertificateExpiry("nonsense")).toThrow(
      "this is no PEM certificate. Fix: make it again",
    );
  });
});

describe("signing keys", () => {
  it("are PEM in the forms that the API server reads", async () => {
    const keys = await createSigningKeys();
    expect(keys.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(keys.publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  });
});
