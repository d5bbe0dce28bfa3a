import { join } from "node:path";
import type { ClusterLayout } from "./layout.ts";

/** etcd, the cluster and the API aggregation each trust an authority of their own, as kubeadm's do. */
export const authorities = ["cluster-ca", "etcd-ca", "front-proxy-ca"] as const;
export type AuthorityName = (typeof authorities)[number];

/** Every certificate that the authorities issue. */
export type CertificateName =
  | "etcd-server"
  | "etcd-client"
  | "apiserver"
  | "apiserver-kubelet-client"
  | "front-proxy-client"
  | "controller-manager-server"
  | "controller-manager"
  | "scheduler-server"
  | "scheduler"
  | "kubelet-server"
  | "kubelet"
  | "proxy"
  | "router"
  | "provisioner"
  | "admin";

/** The files of one certificate. */
export function certificateFiles(
  layout: ClusterLayout,
  name: CertificateName | AuthorityName,
): { certificate: string; privateKey: string } {
  return {
    certificate: join(layout.pki, `${name}.crt`),
    privateKey: join(layout.pki, `${name}.key`),
  };
}

/** Paths of the certificates and keys of these names. */
export function pemFiles(
  layout: ClusterLayout,
  ...names: Parameters<typeof certificateFiles>[1][]
): string[] {
  return names.flatMap((name) => Object.values(certificateFiles(layout, name)));
}

/** The key pair that service account tokens are signed and checked with. */
export function tokenKeyFiles(layout: ClusterLayout): { privateKey: string; publicKey: string } {
  return {
    privateKey: join(layout.pki, "service-accounts.key"),
    publicKey: join(layout.pki, "service-accounts.pub"),
  };
}
