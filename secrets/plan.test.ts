import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseConfig } from "../config/parse.ts";
import { mergeOverlay } from "../config/stack-file.ts";
import type { CertificateText } from "../config/secret-values.ts";
import {
  certificateMatches,
  createAuthority,
  issueCertificate,
  readCertificateNames,
} from "./certificates.ts";
import { planSecrets, type PlanRequest, type Step } from "./plan.ts";
import type { StoredSecrets } from "./pulumi-cli.ts";

const base = {
  environment: "test",
  cluster: { name: "test" },
  storage: { kind: "s3", lokiBucket: "loki-data", tempoBucket: "tempo-data" },
  collector: { gateway: { public: { dnsNames: ["otlp.example.com"] } } },
};

function settingsWith(overrides: object = {}) {
  return parseConfig("test", mergeOverlay(base, overrides));
}

async function plan(stored: StoredSecrets, request: Partial<PlanRequest> = {}): Promise<Step[]> {
  return planSecrets({
    stack: "test",
    settings: settingsWith(),
    stored,
    rotate: [],
    dropOld: false,
    ...request,
  });
}

/** What the stack holds once the steps are done. */
function after(stored: StoredSecrets, steps: readonly Step[]): StoredSecrets {
  const values = steps.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]]));
  return { ...stored, ...(Object.fromEntries(values) as StoredSecrets) };
}

function actions(steps: readonly Step[]): Record<string, string> {
  return Object.fromEntries(steps.map(({ key, action }) => [key, action]));
}

function notesOf(steps: readonly Step[], key: string): readonly string[] {
  return steps.find((step) => step.key === key)?.notes ?? [];
}

function certificateIn(stored: StoredSecrets, key: "ingestAuthority" | "ingestCertificate") {
  return JSON.parse(stored[key] ?? "") as CertificateText;
}

function tokensIn(stored: StoredSecrets): Record<string, string> {
  return JSON.parse(stored.ingestTokens ?? "") as Record<string, string>;
}

function isIssuedByItsAuthority(stored: StoredSecrets): boolean {
  const { certificate, key } = certificateIn(stored, "ingestCertificate");
  const authority = certificateIn(stored, "ingestAuthority").certificate;
  return certificateMatches(authority, { certificate, privateKey: key });
}

const owned = { storageAccessKey: "access", storageSecretKey: "secret" };

async function complete(): Promise<StoredSecrets> {
  return after(owned, await plan(owned));
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2027-01-01T00:00:00Z"), toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a stack without secrets", () => {
  it("gets all that can be made, and is told what cannot", async () => {
    const steps = await plan({});
    expect(actions(steps)).toEqual({
      ingestAuthority: "made",
      ingestCertificate: "made",
      gatewayCertificate: "made",
      ingestTokens: "made",
      grafanaAdminPassword: "made",
      storageAccessKey: "missing",
      storageSecretKey: "missing",
    });
    expect(notesOf(steps, "storageAccessKey")).toEqual([
      "the object store's owner gives it; store it by `pulumi config set --secret storageAccessKey --stack test`, which asks for it",
    ]);
  });

  it("is told of what its targets' owners give, until it holds that", async () => {
    const vendor = { endpoint: "https://a", secretHeaders: { "X-Id": "id", "X-Key": "key" } };
    const settings = settingsWith({ collector: { fanOut: { otlp: { vendor } } } });
    const none = await plan(owned, { settings });
    const command = (name: string) =>
      `\`pulumi config set --secret --path fanOutSecrets.${name} --stack test\``;
    expect(notesOf(none, "fanOutSecrets")).toEqual([
      `their targets' owners give them; store them by ${command("id")}, ${command("key")}`,
    ]);
    const half = { ...owned, fanOutSecrets: JSON.stringify({ id: "a" }) };
    expect(notesOf(await plan(half, { settings }), "fanOutSecrets")[0]).not.toContain(".id");
    const all = { ...owned, fanOutSecrets: JSON.stringify({ id: "a", key: "b" }) };
    expect(actions(await plan(all, { settings }))).toMatchObject({ fanOutSecrets: "kept" });
  });

  it("gets a certificate with every name that a sender may dial", async () => {
    const stored = await complete();
    expect(isIssuedByItsAuthority(stored)).toBe(true);
    expect(readCertificateNames(certificateIn(stored, "ingestCertificate").certificate)).toEqual([
      "balancer",
      "balancer.sightline",
      "balancer.sightline.svc",
      "balancer.sightline.svc.cluster.local",
      "otlp.example.com",
    ]);
  });

  it("gets one for what senders dial where no balancer stands before the gateways", async () => {
    const settings = settingsWith({ collector: { balancer: { kind: "none" } } });
    const steps = await plan({}, { settings });
    expect(actions(steps)).not.toHaveProperty("gatewayCertificate");
    const { certificate } = certificateIn(after({}, steps), "ingestCertificate");
    expect(readCertificateNames(certificate)).toContain("gateway.sightline.svc.cluster.local");
  });

  it("that shows its own Secret gets only what the balancer knows the gateways by", async () => {
    const own = { collector: { gateway: { public: { tlsSecret: "otlp-tls" } } } };
    const steps = await plan({}, { settings: settingsWith(own) });
    expect(actions(steps)).toMatchObject({ ingestAuthority: "made", gatewayCertificate: "made" });
    expect(actions(steps)).not.toHaveProperty("ingestCertificate");
  });

  it("gets nothing that its configuration does not need", async () => {
    const settings = settingsWith({
      collector: { gateway: { public: { enabled: false } } },
      grafana: { enabled: false },
      storage: { credentials: "identity", serviceAccountAnnotations: { "example.com/role": "r" } },
    });
    expect(await plan({}, { settings })).toEqual([]);
  });
});

describe("a stack with secrets", () => {
  it("keeps all of them", async () => {
    const steps = await plan(await complete());
    expect(new Set(Object.values(actions(steps)))).toEqual(new Set(["kept"]));
    expect(steps.every(({ value }) => value === undefined)).toBe(true);
    expect(notesOf(steps, "ingestCertificate")).toEqual([
      "ends on 2028-01-01; this command renews it in its last 30 days",
    ]);
  });

  it("says nothing that is secret", async () => {
    const stored = await complete();
    const steps = [...(await plan(stored)), ...(await plan(stored, { rotate: ["all"] }))];
    const said = steps.flatMap(({ notes }) => notes).join("\n");
    const { key } = certificateIn(stored, "ingestAuthority");
    for (const secret of [tokensIn(stored).default, stored.grafanaAdminPassword, key]) {
      expect(said).not.toContain(secret);
    }
  });

  it.each([
    ["2027-12-01T00:00:00Z", "kept"],
    ["2027-12-03T00:00:00Z", "made"],
  ])("renews the certificate in its last 30 days: on %s it is %s", async (now, action) => {
    const stored = await complete();
    vi.setSystemTime(new Date(now));
    const steps = await plan(stored);
    expect(actions(steps)).toMatchObject({ ingestAuthority: "kept", ingestCertificate: action });
    expect(isIssuedByItsAuthority(after(stored, steps))).toBe(true);
  });

  it("issues the certificate again when a name was added", async () => {
    const settings = settingsWith({
      collector: { gateway: { public: { dnsNames: ["otlp.example.com", "new.example.com"] } } },
    });
    const steps = await plan(await complete(), { settings });
    expect(actions(steps)).toMatchObject({ ingestAuthority: "kept", ingestCertificate: "made" });
    expect(notesOf(steps, "ingestCertificate")[0]).toBe("the one before lacks new.example.com");
  });

  it("never issues a certificate that outlives its authority, nor tries to at every run", async () => {
    const stored = await complete();
    vi.setSystemTime(new Date("2036-12-14T00:00:00Z"));
    const once = after(stored, await plan(stored));
    const steps = await plan(once);
    expect(actions(steps)).toMatchObject({ ingestCertificate: "kept" });
    expect(notesOf(steps, "ingestAuthority")).toEqual([
      "ends on 2036-12-29",
      "soon: `npm run secrets -- test --rotate ingestAuthority`",
    ]);
  });

  it("refuses an authority that has ended, with the command that replaces it", async () => {
    const stored = await complete();
    vi.setSystemTime(new Date("2037-02-01T00:00:00Z"));
    await expect(plan(stored)).rejects.toThrow(
      "the ingest authority of stack test ended on 2036-12-29. Fix: `npm run secrets -- test --rotate ingestAuthority`",
    );
    const steps = await plan(stored, { rotate: ["ingestAuthority"] });
    expect(isIssuedByItsAuthority(after(stored, steps))).toBe(true);
  });

  it.each([
    ["ingestAuthority", "", ""],
    ["ingestCertificate", "", ""],
    [
      "ingestTokens",
      "store JSON of names to tokens, both without blanks, or ",
      ", with one token for each tenant",
    ],
  ] as const)("does not replace a damaged %s unasked", async (key, before, behind) => {
    const stored = { ...(await complete()), [key]: '["hunter2"]' };
    await expect(plan(stored)).rejects.toThrow(
      `${key} of stack test does not hold what it should. Fix: ${before}\`npm run secrets -- test --rotate ${key}\` makes it anew${behind}`,
    );
    expect(actions(await plan(stored, { rotate: [key] }))).toMatchObject({ [key]: "made" });
  });
});

describe("rotation", () => {
  it("of the authority issues the certificate again, and says what senders need first", async () => {
    const stored = await complete();
    const steps = await plan(stored, { rotate: ["ingestAuthority"] });
    expect(actions(steps)).toMatchObject({ ingestAuthority: "made", ingestCertificate: "made" });
    expect(notesOf(steps, "ingestAuthority")[2]).toBe(
      "give it to every sender, beside the one before, and only then run `pulumi up`",
    );
    const rotated = after(stored, steps);
    expect(isIssuedByItsAuthority(rotated)).toBe(true);
    expect(rotated.ingestAuthority).not.toBe(stored.ingestAuthority);
    const before = certificateIn(stored, "ingestAuthority").certificate;
    const heldBefore = (one: StoredSecrets) =>
      (JSON.parse(one.ingestAuthority ?? "") as { previous?: string }).previous;
    expect(heldBefore(rotated)).toBe(before);
    const dropped = after(rotated, await plan(rotated, { dropOld: true }));
    expect(heldBefore(dropped)).toBeUndefined();
    expect(isIssuedByItsAuthority(dropped)).toBe(true);
  });

  it("that was interrupted after the authority is continued by the next run", async () => {
    const stored = await complete();
    const steps = await plan(stored, { rotate: ["ingestAuthority"] });
    const halfway = after(stored, steps.slice(0, 1));
    const next = await plan(halfway);
    expect(notesOf(next, "ingestCertificate")[0]).toBe("the one before is of another authority");
    expect(isIssuedByItsAuthority(after(halfway, next))).toBe(true);
  });

  it("of the tokens leaves the ones before valid, until they are dropped", async () => {
    const stored = await complete();
    const rotated = after(stored, await plan(stored, { rotate: ["ingestTokens"] }));
    expect(tokensIn(rotated)["default.previous"]).toBe(tokensIn(stored).default);
    expect(tokensIn(rotated).default).not.toBe(tokensIn(stored).default);
    const dropped = after(rotated, await plan(rotated, { dropOld: true }));
    expect(tokensIn(dropped)).toEqual({ default: tokensIn(rotated).default });
  });

  it("of a leaked token ends it at once", async () => {
    const stored = await complete();
    const steps = await plan(stored, { rotate: ["ingestTokens"], dropOld: true });
    expect(Object.keys(tokensIn(after(stored, steps)))).toEqual(["default"]);
  });

  const twoTenants = settingsWith({ tenants: ["a", "b"] });
  const ofTwo = async (tokens: object) => ({
    ...(await complete()),
    ingestTokens: JSON.stringify(tokens),
  });

  it("of tokens rotates those of every tenant", async () => {
    const stored = await ofTwo({ a: "1", b: "2" });
    const request = { settings: twoTenants, rotate: ["ingestTokens"] as const };
    const rotated = tokensIn(after(stored, await plan(stored, request)));
    expect(rotated).toMatchObject({ "a.previous": "1", "b.previous": "2" });
    expect(Object.keys(rotated)).toHaveLength(4);
  });

  it("of one tenant's token leaves the others' as they are", async () => {
    const stored = await ofTwo({ a: "2", "a.previous": "1", b: "4", "b.previous": "3" });
    const request = { settings: twoTenants, rotate: ["ingestTokens.b"] as const };
    const { b, ...others } = tokensIn(after(stored, await plan(stored, request)));
    expect(others).toEqual({ a: "2", "a.previous": "1", "b.previous": "4" });
    expect(b).toMatch(/^[\w-]{43}$/);
    await expect(
      plan(stored, { settings: twoTenants, rotate: ["ingestTokens.c"] }),
    ).rejects.toThrow(
      "there is no tenant c to rotate the token of. Fix: name one of platform.tenants, which are a, b",
    );
  });

  it("of everything makes all anew that is made here", async () => {
    const steps = await plan(await complete(), { rotate: ["all"] });
    expect(actions(steps)).toEqual({
      ingestAuthority: "made",
      ingestCertificate: "made",
      gatewayCertificate: "made",
      ingestTokens: "made",
      grafanaAdminPassword: "made",
      storageAccessKey: "kept",
      storageSecretKey: "kept",
    });
  });
});

describe("tenants", () => {
  it("that are new get a token, and the others keep theirs", async () => {
    const stored = await complete();
    const settings = settingsWith({ tenants: ["default", "shop"] });
    const steps = await plan(stored, { settings });
    const tokens = tokensIn(after(stored, steps));
    expect(tokens.default).toBe(tokensIn(stored).default);
    expect(tokens.shop).toMatch(/^[\w-]{43}$/);
    expect(notesOf(steps, "ingestTokens")).toEqual([
      "valid: default, shop",
      "made for shop",
      "give a new one to its senders once `pulumi up` has ended: no gateway takes it before",
      "`pulumi config get ingestTokens --stack test` shows them",
    ]);
  });

  it("that are gone keep their token in the stack until it is dropped, and are named", async () => {
    const stored = { ...(await complete()), ingestTokens: '{"default":"1","gone":"2"}' };
    const steps = await plan(stored);
    expect(actions(steps)).toMatchObject({ ingestTokens: "kept" });
    expect(notesOf(steps, "ingestTokens")).toEqual([
      "valid: default",
      "no longer taken: gone, whom platform.tenants does not name; `npm run secrets -- test --drop-old` removes them",
    ]);
    const dropped = after(stored, await plan(stored, { dropOld: true }));
    expect(tokensIn(dropped)).toEqual({ default: "1" });
  });
});

describe("an empty secret", () => {
  it("of Grafana is not taken for a password", async () => {
    const stored = { ...(await complete()), grafanaAdminPassword: "" };
    await expect(plan(stored)).rejects.toThrow(
      "grafanaAdminPassword of stack test does not hold what it should. Fix: `npm run secrets -- test --rotate grafanaAdminPassword` makes it anew",
    );
    expect(actions(await plan(stored, { rotate: ["grafanaAdminPassword"] }))).toMatchObject({
      grafanaAdminPassword: "made",
    });
  });

  it("of the object store is still missing", async () => {
    const stored = { ...(await complete()), storageSecretKey: "" };
    expect(actions(await plan(stored))).toMatchObject({
      storageAccessKey: "kept",
      storageSecretKey: "missing",
    });
  });
});

describe("a certificate of the owner's own", () => {
  async function foreign(validDays: number): Promise<StoredSecrets> {
    const authority = await createAuthority("Somebody's authority", { validDays: 1_000 });
    const { certificate, privateKey } = await issueCertificate(authority, {
      commonName: "otlp.example.com",
      dnsNames: ["otlp.example.com"],
      usages: ["server"],
      validDays,
    });
    return { ingestCertificate: JSON.stringify({ certificate, key: privateKey }) };
  }

  it("is kept, without an authority, even when everything is rotated", async () => {
    const settings = settingsWith({ collector: { balancer: { kind: "none" } } });
    const steps = await plan(await foreign(20), { settings, rotate: ["all"] });
    expect(actions(steps)).not.toHaveProperty("ingestAuthority");
    expect(actions(steps)).toMatchObject({ ingestCertificate: "kept" });
    expect(notesOf(steps, "ingestCertificate")).toEqual([
      "yours: it is of another authority and never replaced unasked",
      "ends on 2027-01-21: renew it now",
      "it lacks gateway, gateway.sightline, gateway.sightline.svc, gateway.sightline.svc.cluster.local",
    ]);
  });

  it("stands beside what the balancer knows the gateways by", async () => {
    const stored = await foreign(300);
    const steps = await plan(stored);
    expect(actions(steps)).toMatchObject({
      ingestAuthority: "made",
      ingestCertificate: "kept",
      gatewayCertificate: "made",
    });
    const { certificate, key } = JSON.parse(
      after(stored, steps).gatewayCertificate ?? "",
    ) as CertificateText;
    const authority = certificateIn(after(stored, steps), "ingestAuthority").certificate;
    expect(certificateMatches(authority, { certificate, privateKey: key })).toBe(true);
  });

  it("is replaced when it is named", async () => {
    const stored = await foreign(300);
    const steps = await plan(stored, { rotate: ["ingestCertificate"] });
    expect(isIssuedByItsAuthority(after(stored, steps))).toBe(true);
  });
});
