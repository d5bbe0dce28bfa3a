/**
 * Names of the attributes that say whose a record is and what it belongs to. Written once: the gateway folds every other
 * spelling into them, and dashboards, alerts and agents ask for them. OpenTelemetry's name where it has one.
 */
export const attributeNames = {
  /** The application's own tenant. The platform's is `sightline.tenant`, on the resource. */
  tenant: "tenant.id",
  user: "user.id",
  session: "session.id",
  conversation: "gen_ai.conversation.id",
  request: "request.id",
  job: "job.id",
  step: "step.id",
  customer: "customer.id",
  /** Machines are taken from pools. */
  pool: "pool.name",
  /** Machine, worker, service and connector: what a job ran on, from the outside in. */
  machine: "machine.id",
  worker: "worker.id",
  workerService: "worker.service.type",
  connector: "connector.id",
  /** What happened to a job: `job.received` to `job.failed`. */
  event: "event.name",
  jobStatus: "job.status",
  jobDurationMs: "job.duration_ms",
  /** From 0 to 1. */
  jobProgress: "job.progress",
  errorMessage: "error.message",
  exceptionType: "exception.type",
  exceptionMessage: "exception.message",
  exceptionStack: "exception.stacktrace",
} as const;

export type AttributeRole = keyof typeof attributeNames;

/** How loggers, headers and people spell them otherwise. Upper and lower case are different spellings. */
export const attributeAliases = {
  tenant: ["tenantId", "tenant_id", "tenant", "x-tenant-id", "X-Tenant-ID"],
  user: ["userId", "user_id", "enduser.id", "x-user-id", "X-User-ID"],
  session: ["sessionId", "session_id"],
  conversation: ["conversationId", "conversation_id", "conversation.id"],
  request: [
    "requestId",
    "request_id",
    "reqId",
    "req_id",
    "req.id",
    "x-request-id",
    "X-Request-ID",
    "http.request.header.x-request-id",
  ],
  job: ["jobId", "job_id", "context.jobId"],
  step: ["stepId", "step_id"],
  customer: ["customerId", "customer_id", "customer"],
  pool: ["pool", "poolName", "pool_name", "pool_type", "machine_pool", "machine.pool"],
  machine: ["machineId", "machine_id"],
  worker: ["workerId", "worker_id"],
  exceptionType: ["err.type", "error.name", "error_type"],
  exceptionMessage: ["err.message"],
  exceptionStack: ["stack", "err.stack", "error.stack", "stack_trace"],
} as const satisfies Partial<Record<AttributeRole, readonly string[]>>;

/** What the gateway says about what it did to a record: `redacted`, `limited`, or both. */
export const cleanedAttribute = "sightline.cleaned";
