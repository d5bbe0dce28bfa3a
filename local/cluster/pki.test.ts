import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { load } from "js-yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuthority, issueCertificate } from "../../secrets/certificates.ts";
import { writeKubeconfigs } from "./kubeconfig.ts";
import { layoutOf, type ClusterLayout } from "./layout.ts";
import { chooseNetwork } from "./network-plan.ts";
import { certificateFiles, type CertificateName } from "./pki-files.ts";
import { ensurePki } from "./pki.ts";

const network = chooseNetwork([]);
let layout: ClusterLayout;

beforeEach(async () => {
  layout = layoutOf(mkdtempSync(join(tmpdir(), "pki-")));
  await ensurePki(layout, network);
});

afterEach(() => {
  rmSync(layout.stateDir, { recursive: true });
});

function contents(): Record<string, string> {
  const names = readdirSync(layout.pki);
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(layout.pki, name), "utf8")]),
  );
}

/** The files that a second run writes anew, after something was done to the first run's. */
async function renewed(change: () => void | Promise<void>, ...args: Parameters<typeof ensurePki>) {
  const before = contents();
  await change();
  await ensurePki(...args);
  const after = contents();
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

const nothing = () => undefined;

function write(name: CertificateName, pair: { certificate: string; privateKey: string }): void {
  const files = certificateFiles(layout, name);
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.privateKey, pair.privateKey);
}

describe("the cluster's certificates", () => {
  it("name the node for the API server and Kubernetes' users for clients", () => {
    const read = (name: CertificateName) =>
      new X509Certificate(readFileSync(certificateFiles(layout, name).certificate));
    expect(read("apiserver").checkIP(network.nodeIp)).toBe(network.nodeIp);
    expect(read("apiserver").checkIP(network.apiServiceIp)).toBe(network.apiServiceIp);
    expect(read("apiserver").checkHost("kubernetes.default.svc")).toBe("kubernetes.default.svc");
    expect(read("kubelet").subject).toBe("O=system:nodes\nCN=system:node:sightline");
    expect(read("kubelet").issuer).toBe("CN=sightline-local-cluster-ca");
    expect(read("etcd-client").issuer).toBe("CN=sightline-local-etcd-ca");
  });

  it("keep their private keys to root", () => {
    const keys = readdirSync(layout.pki).filter((name) => name.endsWith(".key"));
    expect(keys.length).toBeGreaterThan(15);
    for (const key of keys) expect(statSync(join(layout.pki, key)).mode & 0o777).toBe(0o600);
  });

  it("stay as they are while they are good", async () => {
    expect(await renewed(nothing, layout, network)).toEqual([]);
  });

  it("are made again for a node of another address, those that name it", async () => {
    const moved = { ...network, nodeIp: "10.197.0.1" };
    expect(await renewed(nothing, layout, moved)).toEqual([
      ...["apiserver.crt", "apiserver.key", "kubelet-server.crt", "kubelet-server.key"],
    ]);
  });

  it("are made again when damaged or half gone", async () => {
    const damage = () => {
      writeFileSync(certificateFiles(layout, "scheduler").certificate, "-----BEGIN");
      rmSync(certificateFiles(layout, "proxy").privateKey);
    };
    expect(await renewed(damage, layout, network)).toEqual([
      ...["proxy.crt", "proxy.key", "scheduler.crt", "scheduler.key"],
    ]);
  });

  it("are made again a month before they expire", async () => {
    const expire = async () => {
      const files = certificateFiles(layout, "cluster-ca");
      const authority = {
        certificate: readFileSync(files.certificate, "utf8"),
        privateKey: readFileSync(files.privateKey, "utf8"),
      };
      const request = { commonName: "system:kube-proxy", usages: ["client"] as const };
      write("proxy", await issueCertificate(authority, { ...request, validDays: 29 }));
      write("router", await issueCertificate(authority, { ...request, validDays: 31 }));
      router = readFileSync(certificateFiles(layout, "router").certificate, "utf8");
    };
    let router = "";
    expect(await renewed(expire, layout, network)).toContain("proxy.crt");
    expect(contents()["router.crt"]).toBe(router);
  });

  it("are all made again when their authority is", async () => {
    const replace = async () => {
      const other = await createAuthority("sightline-local-etcd-ca", { validDays: 3650 });
      const files = certificateFiles(layout, "etcd-ca");
      writeFileSync(files.certificate, other.certificate);
      writeFileSync(files.privateKey, other.privateKey);
    };
    expect(await renewed(replace, layout, network)).toEqual([
      ...["etcd-ca.crt", "etcd-ca.key", "etcd-client.crt", "etcd-client.key"],
      ...["etcd-server.crt", "etcd-server.key"],
    ]);
  });
});

describe("the kubeconfig", () => {
  it("is its owner's alone, checks the server and logs in by certificate", () => {
    writeKubeconfigs(layout, "https://10.213.0.1:6443");
    expect(statSync(layout.kubeconfig).mode & 0o777).toBe(0o600);
    const text = readFileSync(layout.kubeconfig, "utf8");
    expect(text).not.toContain("insecure");
    const base64 = (file: string) => readFileSync(file).toString("base64");
    expect(load(text)).toMatchObject({
      "current-context": "sightline-local",
      clusters: [
        {
          cluster: {
            server: "https://10.213.0.1:6443",
            "certificate-authority-data": base64(
              certificateFiles(layout, "cluster-ca").certificate,
            ),
          },
        },
      ],
      users: [
        {
          name: "sightline-local-admin",
          user: {
            "client-certificate-data": base64(certificateFiles(layout, "admin").certificate),
            "client-key-data": base64(certificateFiles(layout, "admin").privateKey),
          },
        },
      ],
    });
  });
});
