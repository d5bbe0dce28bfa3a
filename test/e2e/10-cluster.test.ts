import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { layoutOf } from "../../local/cluster/layout.ts";
import { certificateFiles } from "../../local/cluster/pki-files.ts";
import { clusterStatus } from "../../local/cluster/status.ts";
import { run, sleep } from "../../local/cluster/processes.ts";
import { eventually } from "./eventually.ts";
import { kubectl, tryKubectl } from "./kubectl.ts";
import {
  apply,
  claim,
  inNamespace,
  inPod,
  namespace,
  portForward,
  shellPod,
} from "./shell-pods.ts";

const { cluster } = inject("machine");
const layout = layoutOf(cluster.stateDir);
/** By nc and address: Debian's static busybox crashes in wget, and resolves names in nslookup only. */
let fetchFromServer = "";

function requestTo(address: string): string {
  return `printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${address} 8080`;
}

beforeAll(async () => {
  await tryKubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait"]);
  await apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: namespace,
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    },
  });
  await apply(
    shellPod(
      "server",
      "mkdir /data/www && echo hello > /data/www/index.html && exec httpd -f -v -p 8080 -h /data/www",
      {
        claim: "served",
      },
    ),
    claim("served"),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "server", namespace },
      spec: { type: "NodePort", selector: { app: "server" }, ports: [{ port: 8080 }] },
    },
    shellPod("friend", "sleep 3600"),
    shellPod("stranger", "sleep 3600"),
  );
  await kubectl(inNamespace("wait", "pod", "--all", "--for=condition=Ready", "--timeout=90s"));
  const address = await kubectl(
    inNamespace("get", "service", "server", "--output=jsonpath={.spec.clusterIP}"),
  );
  fetchFromServer = requestTo(address);
}, 180_000);

afterAll(async () => {
  await kubectl(["delete", "namespace", namespace, "--wait"]);
}, 120_000);

describe("the embedded cluster", () => {
  it("is healthy in every part", async () => {
    const { state, parts } = await clusterStatus({ stateDir: cluster.stateDir });
    expect(parts.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(state).toBe("healthy");
  });

  it("listens on loopback and its own bridge only", async () => {
    const { stdout } = await run("ss", ["--listening", "--tcp", "--processes", "--no-header"]);
    const daemons = /"(etcd|kube-\w+|kubelet|containerd|kube-router)/;
    const addresses = stdout
      .split("\n")
      .filter((line) => daemons.test(line))
      .map((line) => line.split(/\s+/)[3]?.replace(/:\d+$/, ""));
    expect(addresses.length).toBeGreaterThan(8);
    expect([...new Set(addresses)].sort()).toEqual([cluster.nodeIp, "127.0.0.1"].sort());
  });

  it("refuses whoever has no certificate of its own", async () => {
    const server = /server: (\S+)/.exec(readFileSync(layout.kubeconfig, "utf8"))?.[1] ?? "";
    expect(server).toContain(cluster.nodeIp);
    const ca = readFileSync(certificateFiles(layout, "cluster-ca").certificate);
    const [answer] = (await once(get(`${server}/api`, { ca }), "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(401);
    expect(statSync(layout.kubeconfig).mode & 0o777).toBe(0o600);
  });

  it("serves kubectl logs and exec", async () => {
    expect((await inPod("friend", "id -u && echo from-inside")).stdout).toBe("1000\nfrom-inside");
    await inPod("server", requestTo("127.0.0.1"));
    expect(await kubectl(inNamespace("logs", "server"))).toMatch(
      /127\.0\.0\.1\]:\d+: response:200/,
    );
  });

  it("forwards ports and answers NodePorts on loopback", async () => {
    const forward = await portForward("pod/server", 8080);
    try {
      expect(await (await fetch(`${forward.url}/index.html`)).text()).toBe("hello\n");
    } finally {
      forward.stop();
    }
    const port = await kubectl(
      inNamespace("get", "service", "server", "--output=jsonpath={.spec.ports[0].nodePort}"),
    );
    // kube-proxy writes its rules at most once a second, and behind a deployment's.
    await eventually(
      "the NodePort answers",
      async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/index.html`);
        expect(await answer.text()).toBe("hello\n");
      },
      30,
    );
  });

  it("resolves Services and the API server by name", async () => {
    for (const name of ["server", "kubernetes.default.svc.cluster.local"]) {
      const { stdout } = await inPod("friend", `nslookup ${name} 2>&1`);
      expect(stdout, name).toMatch(/^Name:/m);
    }
  });

  it("keeps pods' logs in the usual place", () => {
    const directory = readdirSync("/var/log/pods").find((name) =>
      name.startsWith(`${namespace}_server_`),
    );
    expect(directory).toBeDefined();
    expect(readdirSync(join("/var/log/pods", directory ?? "", "shell"))).toEqual(["0.log"]);
  });
});

describe("volumes", () => {
  it("are written by a pod that is not root, and gone from the disk with their claim", async () => {
    await apply(
      claim("plain"),
      shellPod("writer", "echo kept > /data/file && sleep 3600", { claim: "plain" }),
    );
    await kubectl(inNamespace("wait", "pod/writer", "--for=condition=Ready", "--timeout=60s"));
    expect((await inPod("writer", "cat /data/file")).stdout).toBe("kept");
    const volume = await kubectl(
      inNamespace("get", "pvc", "plain", "--output=jsonpath={.spec.volumeName}"),
    );
    const directory = join(layout.volumes, volume);
    expect(readFileSync(join(directory, "file"), "utf8")).toBe("kept\n");
    await kubectl(inNamespace("delete", "pod/writer", "pvc/plain", "--wait"));
    for (let attempt = 0; existsSync(directory) && attempt < 100; attempt++) await sleep(200);
    expect(existsSync(directory)).toBe(false);
    expect((await tryKubectl(["get", "pv", volume])).stderr).toContain("not found");
  }, 120_000);

  it("outlive their pod and get its fsGroup", async () => {
    await apply(
      claim("grouped"),
      shellPod("first", "echo kept > /data/file; sleep 3600", { claim: "grouped", fsGroup: 4711 }),
    );
    await kubectl(inNamespace("wait", "pod/first", "--for=condition=Ready", "--timeout=60s"));
    expect((await inPod("first", "stat -c %g /data/file")).stdout).toBe("4711");
    await kubectl(inNamespace("delete", "pod/first", "--wait"));
    await apply(shellPod("second", "sleep 3600", { claim: "grouped", fsGroup: 4711 }));
    await kubectl(inNamespace("wait", "pod/second", "--for=condition=Ready", "--timeout=60s"));
    expect((await inPod("second", "cat /data/file")).stdout).toBe("kept");
  }, 120_000);
});

describe("network policies", () => {
  it("let everybody in until there is one", async () => {
    expect((await inPod("friend", fetchFromServer)).stdout).toMatch(/^hello$/m);
    expect((await inPod("stranger", fetchFromServer)).stdout).toMatch(/^hello$/m);
  });

  it("let in whom they name and refuse others", async () => {
    await apply({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "server", namespace },
      spec: {
        podSelector: { matchLabels: { app: "server" } },
        policyTypes: ["Ingress"],
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: "friend" } } }], ports: [{ port: 8080 }] },
        ],
      },
    });
    await expectRefused("stranger");
    expect((await inPod("friend", fetchFromServer)).stdout).toMatch(/^hello$/m);
  }, 60_000);

  it("keep a pod from calling anyone but DNS", async () => {
    await apply({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "friend", namespace },
      spec: {
        podSelector: { matchLabels: { app: "friend" } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: {
                  matchLabels: { "kubernetes.io/metadata.name": "kube-system" },
                },
                podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
              },
            ],
            ports: [
              { port: 53, protocol: "UDP" },
              { port: 53, protocol: "TCP" },
            ],
          },
        ],
      },
    });
    await expectRefused("friend");
    expect((await inPod("friend", "nslookup server 2>&1")).stdout).toMatch(/^Name:/m);
  }, 60_000);
});

/** A policy takes a moment to be enforced; then every further call must fail. */
async function expectRefused(pod: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if ((await inPod(pod, fetchFromServer)).code !== 0) break;
    await sleep(250);
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    expect((await inPod(pod, fetchFromServer)).code).not.toBe(0);
  }
}
