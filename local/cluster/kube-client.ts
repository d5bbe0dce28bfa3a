import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { ClusterLayout } from "./layout.ts";
import { certificateFiles, type CertificateName } from "./pki-files.ts";

/** Any Kubernetes object, as far as all of them are alike. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** An answer of the API server other than 2xx. */
export class KubeError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A small client for one API server, which is proven by the cluster's authority. */
export interface KubeClient {
  get<T>(path: string): Promise<T>;
  text(path: string): Promise<string>;
  send<T>(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
  /** Server-side apply: creates the object or makes it what is given. */
  apply(path: string, object: KubeObject): Promise<void>;
  /** Calls back for each change below a path until the server or the signal ends it. */
  watch(path: string, onChange: () => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Logs in with one of the cluster's own client certificates. */
export function kubeClient(
  layout: ClusterLayout,
  server: string,
  user: CertificateName,
): KubeClient {
  const files = certificateFiles(layout, user);
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(certificateFiles(layout, "cluster-ca").certificate),
    cert: readFileSync(files.certificate),
    key: readFileSync(files.privateKey),
  });
  const call = (method: string, path: string, contentType: string, body?: unknown) =>
    exchange({ agent, url: `${server}${path}`, method, contentType, body });
  return {
    get: async <T>(path: string) => JSON.parse(await call("GET", path, "")) as T,
    text: (path) => call("GET", path, ""),
    send: async <T>(method: string, path: string, body?: unknown) => {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      return JSON.parse(await call(method, path, type, body)) as T;
    },
    apply: async (path, object) => {
      const query = "?fieldManager=sightline-local&force=true";
      await call("PATCH", `${path}${query}`, "application/apply-patch+yaml", object);
    },
    watch: (path, onChange, signal) => watch({ agent, url: `${server}${path}` }, onChange, signal),
    close: () => {
      agent.destroy();
    },
  };
}

interface Exchange {
  readonly agent: Agent;
  readonly url: string;
  readonly method: string;
  readonly contentType: string;
  readonly body?: unknown;
}

const requestTimeoutSeconds = 15;

function exchange({ agent, url, method, contentType, body }: Exchange): Promise<string> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method,
        timeout: requestTimeoutSeconds * 1000,
        headers: {
          ...(payload === undefined
            ? {}
            : { "content-type": contentType, "content-length": Buffer.byteLength(payload) }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text);
          else reject(new KubeError(status, `${method} ${url}: ${status}: ${reasonOf(text)}`));
        });
      },
    );
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error(`${method} ${url}: no answer in ${requestTimeoutSeconds} s`)),
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function watch(
  { agent, url }: { agent: Agent; url: string },
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, signal }, (response) => {
      if (response.statusCode !== 200) {
        reject(new KubeError(response.statusCode ?? 0, `GET ${url}: ${response.statusCode ?? 0}`));
        response.resume();
        return;
      }
      response.on("data", onChange);
      response.on("end", resolve);
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** The API server explains itself in a Status object; /readyz and the like in plain text. */
function reasonOf(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: string };
    return status.message ?? text;
  } catch {
    return text.trim();
  }
}
