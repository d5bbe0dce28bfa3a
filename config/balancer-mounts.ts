/** Where the balancer's container finds its files: the generated configuration names these, the pod mounts them. */
export const balancerMounts = {
  /** ConfigMap with the generated files, and the certificates of the gateways' authority. */
  config: "/etc/sightline/balancer",
  /** Secret of type `kubernetes.io/tls` with the certificate that senders see. */
  tls: "/etc/sightline/balancer-tls",
} as const;

/** Single files below the mounts. */
export const balancerFiles = {
  config: `${balancerMounts.config}/haproxy.cfg`,
  /** Takes up a renewed certificate. */
  renewal: `${balancerMounts.config}/renewal.lua`,
  /** By which the gateways' certificate is checked. */
  authority: `${balancerMounts.config}/gateways.crt`,
  certificate: `${balancerMounts.tls}/tls.crt`,
  key: `${balancerMounts.tls}/tls.key`,
} as const;

/** Answers 200 while the balancer takes connections. */
export const balancerHealthPath = "/healthz";
