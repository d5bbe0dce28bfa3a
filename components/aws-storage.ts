import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings.ts";

type Backend = "loki" | "tempo";

/** Loki's and Tempo's buckets on AWS. */
export interface AwsStorageArgs {
  readonly aws: NonNullable<Settings["aws"]>;
  readonly region: string;
  /** Namespace of the service accounts `loki` and `tempo`. */
  readonly namespace: string;
  readonly buckets: Readonly<Record<Backend, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What each does with its objects, as its own documentation asks for. */
const objectActions: Readonly<Record<Backend, readonly string[]>> = {
  loki: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
  tempo: [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
  ],
};

const abandonedUploadDays = 7;

/**
 * A bucket and a role for each of Loki and Tempo. A role opens one bucket and is given to one service account. What
 * `pulumi destroy` finds here of buckets stays on AWS, with its protection: telemetry is deleted by its retention only.
 */
export class AwsStorage extends pulumi.ComponentResource {
  /** ARN of each role, once it may do what it is for. */
  readonly roleArns: Readonly<Record<Backend, pulumi.Output<string>>>;

  constructor(name: string, args: AwsStorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sightline:components:AwsStorage", name, {}, opts);
    const identity = identityProvider(args.aws.oidcProviderArn);
    const provider = new aws.Provider(
      name,
      {
        region: args.region,
        // Another account's credentials would make roles that the cluster's pods cannot take.
        allowedAccountIds: [identity.account],
        defaultTags: { tags: { ...args.tags } },
      },
      { parent: this },
    );
    const child = { parent: this, provider };
    const roleArn = (backend: Backend) => {
      const made = args.aws.createBuckets
        ? createBucket(backend, args.buckets[backend], identity, child)
        : [];
      return createRole(backend, args, identity, { ...child, dependsOn: made });
    };
    this.roleArns = { loki: roleArn("loki"), tempo: roleArn("tempo") };
    this.registerOutputs({ roleArns: this.roleArns });
  }
}

interface IdentityProvider {
  readonly arn: string;
  /** `aws`, `aws-cn` or `aws-us-gov`: what every ARN there begins with. */
  readonly partition: string;
  readonly account: string;
  /** Issuer of the tokens, without scheme: what IAM's conditions begin with. */
  readonly issuer: string;
}

function identityProvider(arn: string): IdentityProvider {
  const [, partition = "", , , account = "", resource = ""] = arn.split(":");
  return { arn, partition, account, issuer: resource.slice("oidc-provider/".length) };
}

function bucketArn({ partition }: IdentityProvider, bucket: string): string {
  return `arn:${partition}:s3:::${bucket}`;
}

function createBucket(
  backend: Backend,
  name: string,
  identity: IdentityProvider,
  child: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const label = `${backend}-bucket`;
  const kept = { ...child, retainOnDelete: true };
  const made = new aws.s3.Bucket(label, { bucket: name }, kept);
  const { bucket } = made;
  const access = new aws.s3.BucketPublicAccessBlock(
    label,
    {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    kept,
  );
  const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
    label,
    { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    kept,
  );
  const lifecycle = new aws.s3.BucketLifecycleConfiguration(
    label,
    {
      bucket,
      rules: [
        {
          id: "abort-unfinished-uploads",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: abandonedUploadDays },
        },
      ],
    },
    kept,
  );
  const policy = new aws.s3.BucketPolicy(
    label,
    { bucket, policy: JSON.stringify(encryptedTransportOnly(bucketArn(identity, name))) },
    // AWS refuses two changes of a bucket's access at once.
    { ...kept, dependsOn: access },
  );
  return [made, access, encryption, lifecycle, policy];
}

function encryptedTransportOnly(arn: string): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "EncryptedTransportOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}

/** The role is named after the bucket, whose name no other stack can have. */
function createRole(
  backend: Backend,
  args: AwsStorageArgs,
  identity: IdentityProvider,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const bucket = args.buckets[backend];
  const role = new aws.iam.Role(
    `${backend}-role`,
    {
      name: bucket,
      description: `${backend} of namespace ${args.namespace}: its bucket ${bucket}`,
      assumeRolePolicy: JSON.stringify(trust(identity, args.namespace, backend)),
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${backend}-role`,
    {
      name: "bucket",
      role: role.name,
      policy: JSON.stringify(access(bucketArn(identity, bucket), objectActions[backend])),
    },
    opts,
  );
  // Written rather than asked for: a preview then shows it, and waits for nothing.
  return policy.role.apply(
    (name) => `arn:${identity.partition}:iam::${identity.account}:role/${name}`,
  );
}

function trust(
  { arn, issuer }: IdentityProvider,
  namespace: string,
  serviceAccount: string,
): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: arn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: `system:serviceaccount:${namespace}:${serviceAccount}`,
          },
        },
      },
    ],
  };
}

function access(arn: string, actions: readonly string[]): aws.iam.PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "s3:ListBucket", Resource: arn },
      { Effect: "Allow", Action: [...actions], Resource: `${arn}/*` },
    ],
  };
}
