import { ingressRules } from "./ingress-rules.ts";
import { balancer, gateway, testRules } from "./rule-rows.ts";

testRules(ingressRules, [
  {
    rule: "browser-tenant-is-known",
    passes: {
      tenants: ["shop", "web"],
      ...gateway({ browser: { origins: ["https://a.example.com"], tenant: "web" } }),
    },
    fails: { tenants: ["shop"], ...gateway({ browser: { origins: ["https://a.example.com"] } }) },
    message:
      "platform.collector.gateway.browser.tenant is default (default), but platform.tenants has only shop. Fix: write one of these, or add default to platform.tenants.",
  },
  {
    rule: "browser-needs-certificate",
    passes: gateway({ public: { enabled: false } }),
    fails: gateway({
      public: { enabled: false },
      browser: { origins: ["https://a.example.com"] },
    }),
    message:
      "platform.collector.gateway.browser.origins names origins, but public.enabled is false: browsers are shown the public listener's certificate. Fix: set public.enabled to true, or remove the origins.",
  },
  {
    rule: "tls-secret-is-used",
    passes: gateway({ public: { tlsSecret: "otlp-tls" } }),
    fails: gateway({ public: { enabled: false, tlsSecret: "otlp-tls" } }),
    message:
      "platform.collector.gateway.public.tlsSecret is otlp-tls, but public.enabled is false: nobody would see its certificate. Fix: set public.enabled to true, or remove it.",
  },
  {
    rule: "ingress-has-names",
    passes: balancer({ kind: "ingress", ingress: { host: "otlp.example.com" } }),
    fails: balancer({ kind: "ingress" }),
    message:
      "platform.collector.balancer.ingress.host is missing, but balancer.kind is ingress. Fix: write the name that senders dial, such as otlp.example.com.",
  },
  {
    rule: "ingress-has-names",
    passes: {
      collector: {
        gateway: { browser: { origins: ["https://a.example.com"] } },
        balancer: { kind: "ingress", ingress: { host: "a.b", browserHost: "c.b" } },
      },
    },
    fails: {
      collector: {
        gateway: { browser: { origins: ["https://a.example.com"] } },
        balancer: { kind: "ingress", ingress: { host: "a.b", browserHost: "a.b" } },
      },
    },
    message:
      "platform.collector.balancer.ingress.browserHost is a.b, but balancer.kind is ingress and browser.origins names origins: only the name tells browsers' requests from the others'. Fix: write a name that no other sender dials, such as otlp-web.example.com.",
  },
  {
    rule: "ingress-has-names",
    passes: { collector: { gateway: { public: { enabled: false } }, balancer: { kind: "none" } } },
    fails: {
      collector: {
        gateway: { public: { enabled: false } },
        balancer: { kind: "ingress", ingress: { host: "a.b" } },
      },
    },
    message:
      "platform.collector.balancer.kind is ingress, but public.enabled is false: it would lead nowhere. Fix: set public.enabled to true, or kind to none.",
  },
  {
    rule: "connections-fit-memory",
    passes: balancer({ maxConnections: 10_410 }),
    fails: balancer({ maxConnections: 10_411 }),
    message:
      "platform.collector.balancer.resources.memoryMiB is 1024 (default), too little for balancer.maxConnections 10411 of 96 KiB each. Fix: raise it to 1025 or more, or lower maxConnections to 10410 or less.",
  },
  {
    rule: "source-connections-in-all",
    passes: balancer({ maxConnections: 200 }),
    fails: balancer({ maxConnections: 199 }),
    message:
      "platform.collector.balancer.maxConnections is 199, below balancer.maxConnectionsPerSource 200 (default). Fix: raise it to 200 or more, or lower balancer.maxConnectionsPerSource to 199 or less.",
  },
]);
