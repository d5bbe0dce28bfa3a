import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayConfig } from "../../collector-config/gateway.ts";
import { collectorDocument } from "../../collector-config/render.ts";
import { endpoints, serviceHost } from "../../config/endpoints.ts";
import { tokenHashes, type IngestTokens } from "../../config/ingest-tokens.ts";
import { collectorFiles } from "../../config/mounts.ts";
import { ports } from "../../config/ports.ts";
import type { Settings } from "../../config/settings.ts";
import { tokenLines } from "../../kubernetes/ingest-secrets.ts";
import { createAuthority, issueCertificate } from "../../secrets/certificates.ts";
import {
  runOnLoopback,
  type CollectorDocument,
  type LoopbackCollector,
} from "./loopback-collector.ts";

/** The files that a gateway's pod mounts for its listeners, written for tests. */
export interface IngestFiles {
  readonly directory: string;
  /** Certificate of the authority, PEM. */
  readonly authority: string;
  readonly serverName: string;
}

/** Makes an authority, and a certificate that is good for the gateway's name. */
export async function makeIngestFiles(directory: string, settings: Settings): Promise<IngestFiles> {
  mkdirSync(directory, { recursive: true });
  const serverName = serviceHost(settings, "gateway");
  const authority = await createAuthority("Authority of a test", { validDays: 2 });
  const { certificate, privateKey } = await issueCertificate(authority, {
    commonName: "gateway",
    dnsNames: [serverName],
    usages: ["server"],
    validDays: 1,
  });
  writeFileSync(join(directory, "ca.crt"), authority.certificate);
  writeFileSync(join(directory, "tls.crt"), certificate);
  writeFileSync(join(directory, "tls.key"), privateKey, { mode: 0o600 });
  return { directory, authority: authority.certificate, serverName };
}

export interface LoopbackGatewayArgs {
  readonly binary: string;
  readonly settings: Settings;
  readonly files: IngestFiles;
  /** Address on which it listens, at the very ports of the platform. */
  readonly host: string;
  /** What its token file holds. */
  readonly tokens: IngestTokens;
  /** What its configuration knows; by default, just those. */
  readonly known?: IngestTokens;
}

/** Runs a gateway with its own listeners, TLS and tokens on an address of loopback; what it exports is written to files. */
export async function runGateway(args: LoopbackGatewayArgs): Promise<LoopbackCollector> {
  const { binary, settings, files, host, tokens, known = tokens } = args;
  const directory = join(files.directory, `gateway-${host}`);
  mkdirSync(directory, { recursive: true });
  const tokenFile = join(directory, "tokens");
  writeFileSync(tokenFile, tokenLines(tokens));
  const places: readonly [string, string][] = [
    [collectorFiles.ingestCertificate, join(files.directory, "tls.crt")],
    [collectorFiles.ingestKey, join(files.directory, "tls.key")],
    [collectorFiles.ingestTokens, tokenFile],
    ["0.0.0.0:", `${host}:`],
  ];
  const config = gatewayConfig(settings, endpoints(settings), tokenHashes(known));
  const document = collectorDocument(config);
  const placed = places.reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    JSON.stringify(document),
  );
  const { extensions, ...rest } = JSON.parse(placed) as CollectorDocument & {
    extensions: Record<string, Record<string, unknown>>;
  };
  // Exporters of files have no queue to store.
  delete extensions["file_storage/queue"];
  return runOnLoopback(binary, rest, directory, {
    receivers: rest.receivers,
    extensions,
    health: `${host}:${ports.gateway.health}`,
  });
}
