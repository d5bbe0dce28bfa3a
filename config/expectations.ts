import type { SchemaNode } from "./schema-keys.ts";

/** What each pattern of the schema asks for, in words. */
export const patternWords: Readonly<Record<string, { expected: string; fix: string }>> = {
  "^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$": {
    expected: "a short name",
    fix: "use at most 42 lower-case letters, digits and dashes, with no dash at either end",
  },
  "^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,60}[a-zA-Z0-9])?$": {
    expected: "a name",
    fix: "use at most 62 letters, digits, dots, dashes and underscores, with a letter or digit at either end",
  },
  "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$": {
    expected: "a DNS name",
    fix: "use lower-case letters, digits and dashes, with single dots between them, as in cluster.local",
  },
  "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$": {
    expected: "a registry's host and path",
    fix: "write it without scheme and without a slash at the end, as in mirror.example.com/hub",
  },
  "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$": {
    expected: "the name of a Kubernetes object",
    fix: "use lower-case letters, digits, dots and dashes, with a letter or digit at either end",
  },
  "^[A-Za-z0-9_-]+$": {
    expected: "a region's name",
    fix: "use letters, digits, dashes and underscores, as in eu-central-1",
  },
  "^[A-Za-z0-9][A-Za-z0-9-]*$": {
    expected: "a header's name",
    fix: "use letters, digits and dashes, as in X-Scope-OrgID",
  },
  "^-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*$": {
    expected: "a certificate in PEM",
    fix: "write it as a block of text (`authority: |`), from its BEGIN to its END line",
  },
  "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$": {
    expected: "a folder in a bucket",
    fix: "write it without a slash at either end, as in archive/sightline",
  },
  "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$": {
    expected: "a host and port",
    fix: "write it without scheme, as in kafka.example.com:9093",
  },
  "^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[A-Za-z0-9./_-]+$": {
    expected: "the ARN of an OIDC provider",
    fix: "write it as IAM shows it, as in arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF",
  },
  "^(/[A-Za-z0-9._-]+)+$": {
    expected: "the path of a folder",
    fix: "begin it with a slash and end it without one, as in /var/lib/agents",
  },
  "^https?://[A-Za-z0-9.:-]+$": {
    expected: "a URL without a path",
    fix: "write scheme, host and port, as in https://store.example.com:9000",
  },
  "^https?://[^\\s]+$": {
    expected: "a URL",
    fix: "begin it with https:// or http://",
  },
  "^(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$": {
    expected: "a DNS name",
    fix: "write it in lower case, without scheme and port, as in otlp.example.com",
  },
  "^[0-9a-fA-F.:]+/[0-9]{1,3}$": {
    expected: "a range of addresses",
    fix: "write address and prefix length, as in 203.0.113.0/24",
  },
  "^https?://(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?$": {
    expected: "an origin",
    fix: "write scheme and host in lower case and no path, as in https://app.example.com or https://*.example.com",
  },
  "^[A-Za-z0-9._-]+$": {
    expected: "the name of a field",
    fix: "use letters, digits, dots, dashes and underscores, as in session_id",
  },
  "^/[A-Za-z0-9/._-]+$": {
    expected: "a path",
    fix: "begin it with /, without host and query, as in /healthz",
  },
};

/** What a value must be, in words. */
export function expectation(node: SchemaNode): string {
  switch (node.type) {
    case "integer":
      return `a whole number from ${node.minimum ?? "-∞"} to ${node.maximum ?? "∞"}`;
    case "boolean":
      return "true or false";
    case "array":
      return `a list${node.minItems === undefined ? "" : ` of at least ${node.minItems}`}`;
    case "object":
      return "a mapping";
    case "string": {
      if (node.enum !== undefined) return `one of ${node.enum.join(", ")}`;
      if (node.pattern !== undefined) return patternWords[node.pattern]?.expected ?? node.pattern;
      return "text";
    }
  }
}
