/** The very name that clusters elsewhere pull. */
export const corednsImage = "registry.k8s.io/coredns/coredns:v1.14.7";

/** What network policies elsewhere know the cluster's DNS by. */
export const dnsLabels = { "k8s-app": "kube-dns" } as const;

/**
 * The server block of every zone; without a usable name server only the cluster's names resolve. These are not cached, as
 * kubeadm has it: a name that was asked for before its pod was there would be missing for half a minute.
 */
export function corefile(nameServers: readonly string[]): string {
  // One on loopback is the machine's own stub, and in a pod would be the pod itself.
  const usable = nameServers.filter((server) => !/^(127\.|::1$)/.test(server));
  return `.:53 {
    errors
    health :8080 {
        lameduck 2s
    }
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 10
    }
    prometheus :9153
${usable.length > 0 ? "    forward . /etc/resolv.conf\n    loop\n" : ""}    cache 30 {
        disable success cluster.local
        disable denial cluster.local
    }
    reload
    loadbalance
}
`;
}

/** One CoreDNS pod, not root, under the image name that other clusters pull. */
export function dnsDeployment() {
  const probe = (path: string, port: number) => ({ httpGet: { path, port } });
  return {
    replicas: 1,
    selector: { matchLabels: dnsLabels },
    template: {
      metadata: { labels: dnsLabels },
      spec: {
        serviceAccountName: "coredns",
        priorityClassName: "system-cluster-critical",
        // The machine's own name servers, which answer for everything outside the cluster.
        dnsPolicy: "Default",
        securityContext: {
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
          // Lets a user other than root listen on port 53.
          sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "53" }],
        },
        containers: [
          {
            name: "coredns",
            image: corednsImage,
            imagePullPolicy: "Never",
            args: ["-conf", "/etc/coredns/Corefile"],
            ports: [
              { name: "dns", containerPort: 53, protocol: "UDP" },
              { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
              { name: "metrics", containerPort: 9153, protocol: "TCP" },
            ],
            resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "170Mi" } },
            readinessProbe: { ...probe("/ready", 8181), periodSeconds: 1, failureThreshold: 30 },
            livenessProbe: { ...probe("/health", 8080), initialDelaySeconds: 30 },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"] },
              readOnlyRootFilesystem: true,
            },
            volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
          },
        ],
        volumes: [{ name: "config", configMap: { name: "coredns" } }],
      },
    },
  };
}
