import { attributeNames } from "../../config/attribute-names.ts";
import {
  anyOf,
  attributes,
  cached,
  coalesce,
  literally,
  set,
  text,
  when,
  type StatementGroup,
} from "./ottl.ts";

/** How one field of a message is called in the schema. */
interface Field {
  readonly from: readonly string[];
  readonly to: string;
  /** Divides it: a percentage becomes a share. */
  readonly per?: number;
}

/** What a kind of connector writes besides the fields that all write. */
interface MessageKind {
  readonly fields: readonly Field[];
}

const model = "gen_ai.request.model";

/** The hierarchy and the life of a job: in every message. Ids of jobs and machines are folded by naming.ts. */
const common: readonly Field[] = [
  { from: ["service_type", "serviceType"], to: attributeNames.workerService },
  { from: ["connector_id", "connectorId"], to: attributeNames.connector },
  { from: ["duration", "duration_ms", "durationMs"], to: attributeNames.jobDurationMs },
  { from: ["error", "error_message", "errorMessage"], to: attributeNames.errorMessage },
  { from: ["input_size", "inputSize"], to: "job.input.size" },
  { from: ["output_size", "outputSize"], to: "job.output.size" },
];

/** The four kinds of messages, by their `service_type`. */
export const messageKinds = {
  comfyui: {
    fields: [
      { from: ["model", "checkpoint", "ckpt_name"], to: model },
      { from: ["prompt_id", "promptId"], to: "comfyui.prompt.id" },
      { from: ["node", "node_id", "current_node"], to: "comfyui.node.id" },
      { from: ["workflow", "workflow_id", "workflowId"], to: "comfyui.workflow.id" },
      { from: ["queue_remaining", "queue_position"], to: "job.queue.position" },
      { from: ["progress"], to: attributeNames.jobProgress, per: 100 },
    ],
  },
  openai: {
    fields: [
      { from: ["model"], to: model },
      { from: ["response_model"], to: "gen_ai.response.model" },
      { from: ["response_id", "completion_id"], to: "gen_ai.response.id" },
      {
        from: ["usage.prompt_tokens", "prompt_tokens", "input_tokens"],
        to: "gen_ai.usage.input_tokens",
      },
      {
        from: ["usage.completion_tokens", "completion_tokens", "output_tokens"],
        to: "gen_ai.usage.output_tokens",
      },
      { from: ["finish_reason", "finishReason"], to: "gen_ai.response.finish_reasons" },
      { from: ["status_code", "statusCode"], to: "http.response.status_code" },
    ],
  },
  a1111: {
    fields: [
      { from: ["model", "sd_model_checkpoint", "sd_model"], to: model },
      { from: ["sampler_name", "sampler"], to: "a1111.sampler.name" },
      { from: ["sampling_step", "step"], to: "job.iteration" },
      { from: ["sampling_steps", "steps"], to: "job.iterations" },
      { from: ["eta_relative", "eta"], to: "job.remaining_s" },
      { from: ["progress"], to: attributeNames.jobProgress },
    ],
  },
  simulation: {
    fields: [
      { from: ["model", "scenario"], to: model },
      { from: ["step"], to: "job.iteration" },
      { from: ["total_steps", "steps"], to: "job.iterations" },
      { from: ["progress"], to: attributeNames.jobProgress, per: 100 },
    ],
  },
} as const satisfies Record<string, MessageKind>;

/** What happens to a job, as `event_type` spells it. */
export const jobEvents = ["received", "started", "progress", "completed", "failed"] as const;

const kind = cached("log", "kind");
const event = cached("log", "event");

function moved({ from, to, per }: Field, condition: string): string[] {
  const target = attributes("log", to);
  const value = coalesce(from.map((key) => attributes("log", key)));
  const moving = set(target, value, condition);
  if (per === undefined) return [moving];
  return [moving, set(target, `Double(${target}) / ${per}.0`, `${condition} and ${target} != nil`)];
}

function without(fields: readonly Field[], condition: string): string {
  const kept = new Set(fields.map(({ to }) => to));
  const keys = [...new Set(fields.flatMap(({ from }) => from))].filter((key) => !kept.has(key));
  const pattern = `^(?:${keys.map(literally).join("|")})$`;
  return when(`delete_matching_keys(log.attributes, ${text(pattern)})`, condition);
}

/** Brings the connectors' messages to one schema. */
export function connectorMessages(): StatementGroup {
  const kinds = Object.entries<MessageKind>(messageKinds);
  const known = `${kind} != nil`;
  const service = coalesce([attributes("log", "service_type"), attributes("log", "serviceType")]);
  const isKind = (name: string) => `${kind} == ${text(name)}`;
  const statements = [
    set(cached("log", "service"), `ToLowerCase(String(${service}))`),
    set(
      kind,
      cached("log", "service"),
      anyOf(kinds.map(([name]) => `${cached("log", "service")} == ${text(name)}`)),
    ),
    ...kinds.flatMap(([name, { fields }]) => [
      ...fields.flatMap((field) => moved(field, isKind(name))),
      without(fields, isKind(name)),
    ]),
    set(
      event,
      `ToLowerCase(String(${coalesce([attributes("log", "event_type"), attributes("log", "eventType")])}))`,
      known,
    ),
    ...jobEvents.flatMap((name) => {
      const happened = anyOf(
        [`job_${name}`, `job.${name}`, name].map((one) => `${event} == ${text(one)}`),
      );
      return [
        set(attributes("log", attributeNames.event), text(`job.${name}`), happened),
        set(attributes("log", attributeNames.jobStatus), text(name), happened),
      ];
    }),
    ...common.flatMap((field) => moved(field, known)),
    without([...common, { from: ["event_type", "eventType"], to: attributeNames.event }], known),
  ];
  const condition = anyOf(
    ["service_type", "serviceType"].map((key) => `${attributes("log", key)} != nil`),
  );
  return { condition, statements };
}
