import { fanOutTargets, targetPath, type Target } from "./fan-out.ts";
import type { ConfigIssue } from "./issue.ts";
import type { Facts, Rule } from "./rule.ts";
import type { Settings } from "./settings.ts";

/** Namespaces that every cluster comes with: `destroy` would take them down with whatever else runs there. */
const clusterNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

function ownNamespace({ settings }: Facts): ConfigIssue[] {
  const { namespace } = settings;
  if (!clusterNamespaces.includes(namespace)) return [];
  const problem = `is ${namespace}, which is the cluster's own: the platform makes its namespace, and removes it on destroy`;
  return [{ path: "platform.namespace", problem, fix: "name one for the platform alone" }];
}

/** Every URL of the settings, by its path. */
function urls(settings: Settings): [string, string][] {
  const { alertmanager, grafana, storage } = settings;
  const one = { "grafana.rootUrl": grafana.rootUrl, "storage.endpoint": storage.endpoint };
  return [
    ...alertmanager.webhooks.map((url, index) => [`alertmanager.webhooks[${index}]`, url] as const),
    ...Object.entries(one),
    ...fanOutTargets(settings).flatMap(targetUrls),
  ].flatMap(([path, url]) => (url === undefined ? [] : [[`platform.${path}`, url]]));
}

function targetUrls(target: Target): [string, string | undefined][] {
  const path = targetPath(target).replace("platform.", "");
  switch (target.kind) {
    case "otlp":
    case "prometheusRemoteWrite":
    case "s3":
      return [[`${path}.endpoint`, target.settings.endpoint]];
    case "elasticsearch":
      return target.settings.endpoints.map((url, index) => [`${path}.endpoints[${index}]`, url]);
    case "file":
    case "kafka":
      return [];
  }
}

/** The URL itself is not shown: a password may be in it. */
function wholeUrls({ settings }: Facts): ConfigIssue[] {
  return urls(settings).flatMap(([path, url]): ConfigIssue[] => {
    if (!URL.canParse(url)) {
      const fix =
        "write scheme, host and at most a port and a path, as in https://host.example.com";
      return [{ path, problem: "is no URL that can be dialled", fix }];
    }
    const { username, password } = new URL(url);
    if (username === "" && password === "") return [];
    const problem =
      "holds a user's name or password, which whoever reads the stack's file or the cluster's ConfigMaps would have";
    return [
      { path, problem, fix: "take it for leaked, and write the URL without what is before @" },
    ];
  });
}

/** A prefix that is a DNS name, then a name, as Kubernetes takes them. */
const annotationKey =
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

function annotationKeys({ settings }: Facts): ConfigIssue[] {
  const path = "platform.storage.serviceAccountAnnotations";
  return Object.keys(settings.storage.serviceAccountAnnotations)
    .filter((key) => !annotationKey.test(key))
    .map((key) => {
      const problem = `has the key ${JSON.stringify(key)}, which Kubernetes refuses`;
      return { path, problem, fix: "write it as in eks.amazonaws.com/role-arn" };
    });
}

function unusedEndpoint({ settings, shown }: Facts): ConfigIssue[] {
  const { kind, endpoint } = settings.storage;
  if (kind === "s3" || endpoint === undefined) return [];
  const path = "platform.storage.endpoint";
  const problem = `is ${endpoint}, but with storage.kind ${shown("platform.storage.kind")} nothing is put there`;
  return [{ path, problem, fix: "set storage.kind to s3, or remove it" }];
}

/** What no pattern can say of a text, and a store that is named and would get nothing. */
export const writtenValueRules: readonly Rule[] = [
  {
    name: "namespace-of-its-own",
    why: "A destroy would remove the namespace with everything else in it.",
    check: ownNamespace,
  },
  {
    name: "urls-without-secrets",
    why: "The stack's file and the generated ones are read by many; secrets have keys of their own.",
    check: wholeUrls,
  },
  {
    name: "annotation-keys",
    why: "Kubernetes refuses the service account half-way through an `up`.",
    check: annotationKeys,
  },
  {
    name: "endpoint-is-used",
    why: "Who names an object store expects the data there, not on the pods' disks.",
    check: unusedEndpoint,
  },
];
