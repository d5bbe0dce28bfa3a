import type { ResourceTransformationArgs } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import type { RecordedResource } from "../scripts/record.ts";
import { deploy } from "../test/harness.ts";
import { AwsStorage } from "./aws-storage.ts";

const issuer = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF";
const oidcProviderArn = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;

interface Made {
  readonly resources: readonly RecordedResource[];
  readonly roleArns: { loki: string; tempo: string };
  readonly seen: readonly ResourceTransformationArgs[];
}

async function make(aws: { oidcProviderArn: string; createBuckets: boolean }): Promise<Made> {
  const seen: ResourceTransformationArgs[] = [];
  let roleArns = { loki: "", tempo: "" };
  const { resources } = await deploy(async () => {
    const storage = new AwsStorage(
      "aws-storage",
      {
        aws,
        region: "eu-central-1",
        namespace: "observability",
        buckets: { loki: "acme-logs", tempo: "acme-traces" },
        tags: { application: "sightline", environment: "prod" },
      },
      {
        transformations: [
          (args) => {
            seen.push(args);
            return undefined;
          },
        ],
      },
    );
    roleArns = await new Promise((resolve) => {
      pulumi.output(storage.roleArns).apply(resolve);
    });
  });
  return { resources, roleArns, seen };
}

/** The one resource of that type and name. */
function inputs({ resources }: Made, type: string, name: string): Record<string, unknown> {
  const found = resources.filter((resource) => resource.type === type && resource.name === name);
  expect(found, `${type} ${name}`).toHaveLength(1);
  return { ...found[0]?.inputs };
}

function document(made: Made, type: string, name: string, key: string): unknown {
  return JSON.parse(String(inputs(made, type, name)[key]));
}

const listed = ({ resources }: Made) => resources.map(({ type, name }) => `${type} ${name}`).sort();

const roles = [
  "aws:iam/role:Role loki-role",
  "aws:iam/role:Role tempo-role",
  "aws:iam/rolePolicy:RolePolicy loki-role",
  "aws:iam/rolePolicy:RolePolicy tempo-role",
];
const frame = ["pulumi:providers:aws aws-storage", "sightline:components:AwsStorage aws-storage"];

describe("buckets and roles for Loki and Tempo", () => {
  let made: Made;
  beforeAll(async () => {
    made = await make({ oidcProviderArn, createBuckets: true });
  });

  test("nothing else is made", () => {
    const buckets = [
      "aws:s3/bucket:Bucket",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "aws:s3/bucketPolicy:BucketPolicy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ].flatMap((type) => [`${type} loki-bucket`, `${type} tempo-bucket`]);
    expect(listed(made)).toEqual([...roles, ...buckets, ...frame].sort());
  });

  test("all of it in the stores' region and in the account of the cluster's provider", () => {
    expect(inputs(made, "pulumi:providers:aws", "aws-storage")).toEqual({
      region: "eu-central-1",
      allowedAccountIds: '["123456789012"]',
      defaultTags: '{"tags":{"application":"sightline","environment":"prod"}}',
      skipCredentialsValidation: "false",
      skipRegionValidation: "true",
    });
    const elsewhere = made.seen.filter(
      ({ type, opts }) => type.startsWith("aws:") && !("provider" in opts && opts.provider),
    );
    expect(elsewhere).toEqual([]);
  });

  test.each([
    ["loki", "acme-logs"],
    ["tempo", "acme-traces"],
  ])("the bucket of %s is private, encrypted, and reached by TLS only", (backend, bucket) => {
    const label = `${backend}-bucket`;
    const input = (type: string) => inputs(made, `aws:s3/${type}`, label);
    expect(input("bucket:Bucket")).toEqual({ bucket });
    expect(input("bucketPublicAccessBlock:BucketPublicAccessBlock")).toEqual({
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(
      input("bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"),
    ).toEqual({
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    expect(document(made, "aws:s3/bucketPolicy:BucketPolicy", label, "policy")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "EncryptedTransportOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
  });

  test("uploads that never ended go after a week, and nothing else by age", () => {
    const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    expect(inputs(made, type, "loki-bucket")).toEqual({
      bucket: "acme-logs",
      rules: [
        {
          id: "abort-unfinished-uploads",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    });
  });

  test("`destroy` leaves the buckets and what protects them, and takes the roles", () => {
    const kept = (isKept: boolean) =>
      made.seen
        .filter(
          ({ type, opts }) => type.startsWith("aws:") && (opts.retainOnDelete ?? false) === isKept,
        )
        .map(({ type, name }) => `${type} ${name}`)
        .sort();
    expect(kept(false)).toEqual(roles);
    expect(kept(true)).toHaveLength(10);
    expect(kept(true).every((name) => name.startsWith("aws:s3/"))).toBe(true);
  });

  test.each([
    ["loki", "acme-logs"],
    ["tempo", "acme-traces"],
  ])("the role of %s is for its service account alone", (backend, bucket) => {
    expect(inputs(made, "aws:iam/role:Role", `${backend}-role`)["name"]).toBe(bucket);
    const trust = document(made, "aws:iam/role:Role", `${backend}-role`, "assumeRolePolicy");
    expect(trust).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: oidcProviderArn },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              [`${issuer}:aud`]: "sts.amazonaws.com",
              [`${issuer}:sub`]: `system:serviceaccount:observability:${backend}`,
            },
          },
        },
      ],
    });
  });

  test.each([
    ["loki", "acme-logs", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]],
    [
      "tempo",
      "acme-traces",
      [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:GetObjectTagging",
        "s3:PutObjectTagging",
      ],
    ],
  ])("the role of %s opens the bucket %s and no other", (backend, bucket, actions) => {
    const type = "aws:iam/rolePolicy:RolePolicy";
    expect(inputs(made, type, `${backend}-role`)).toMatchObject({ name: "bucket", role: bucket });
    expect(document(made, type, `${backend}-role`, "policy")).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${bucket}` },
        { Effect: "Allow", Action: actions, Resource: `arn:aws:s3:::${bucket}/*` },
      ],
    });
  });

  test("the roles are named to the pods by their ARN", () => {
    expect(made.roleArns).toEqual({
      loki: "arn:aws:iam::123456789012:role/acme-logs",
      tempo: "arn:aws:iam::123456789012:role/acme-traces",
    });
  });
});

test("for buckets that are there, roles alone are made", async () => {
  const made = await make({ oidcProviderArn, createBuckets: false });
  expect(listed(made)).toEqual([...roles, ...frame].sort());
});

test("in another partition of AWS, every ARN is of that partition", async () => {
  const chinese = oidcProviderArn.replace("arn:aws:", "arn:aws-cn:");
  const made = await make({ oidcProviderArn: chinese, createBuckets: true });
  expect(made.roleArns.loki).toBe("arn:aws-cn:iam::123456789012:role/acme-logs");
  expect(JSON.stringify(made.resources)).not.toContain("arn:aws:");
});
