import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dump } from "js-yaml";
import type { ClusterLayout } from "./layout.ts";
import { certificateFiles, type CertificateName } from "./pki-files.ts";
import { writeFileWhole } from "./record.ts";

export const contextName = "sightline-local";

interface KubeconfigParts {
  readonly server: string;
  readonly user: string;
  readonly authority: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** A kubeconfig that carries its certificates in itself, so that it can be copied or merged. */
export function renderKubeconfig(parts: KubeconfigParts): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return dump(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: contextName,
          cluster: {
            server: parts.server,
            "certificate-authority-data": base64(parts.authority),
          },
        },
      ],
      users: [
        {
          name: parts.user,
          user: {
            "client-certificate-data": base64(parts.certificate),
            "client-key-data": base64(parts.privateKey),
          },
        },
      ],
      contexts: [{ name: contextName, context: { cluster: contextName, user: parts.user } }],
      "current-context": contextName,
    },
    { lineWidth: -1 },
  );
}

/** Where a daemon's kubeconfig is. */
export function daemonKubeconfig(layout: ClusterLayout, name: CertificateName): string {
  return join(layout.config, `${name}.kubeconfig`);
}

/** Writes the daemons' kubeconfigs and the one for people. */
export function writeKubeconfigs(layout: ClusterLayout, server: string): void {
  const daemons = ["controller-manager", "scheduler", "kubelet", "proxy", "router"] as const;
  for (const name of daemons) write(layout, server, name, daemonKubeconfig(layout, name), name);
  write(layout, server, "admin", layout.kubeconfig, `${contextName}-admin`);
}

function write(
  layout: ClusterLayout,
  server: string,
  name: CertificateName,
  path: string,
  user: string,
): void {
  const files = certificateFiles(layout, name);
  const text = renderKubeconfig({
    server,
    user,
    authority: readFileSync(certificateFiles(layout, "cluster-ca").certificate, "utf8"),
    certificate: readFileSync(files.certificate, "utf8"),
    privateKey: readFileSync(files.privateKey, "utf8"),
  });
  writeFileWhole(path, text, 0o600);
}
