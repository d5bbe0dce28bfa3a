import { register } from "node:module";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { PinoInstrumentation } from "@opentelemetry/instrumentation-pino";
import { NodeSDK } from "@opentelemetry/sdk-node";

// Loaded by `node --import` before the application. ES modules are instrumented only through this hook.
register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

const defaults = {
  OTEL_SERVICE_NAME: "hello",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  // The SDK's own delays (5 s and 1 s) would spend most of the time in which a record is to be found.
  OTEL_BSP_SCHEDULE_DELAY: "200",
  OTEL_BLRP_SCHEDULE_DELAY: "200",
  OTEL_METRIC_EXPORT_INTERVAL: "5000",
  OTEL_METRIC_EXPORT_TIMEOUT: "4000",
  // The later one wins, so a pod's own attributes stand over what is detected.
  OTEL_NODE_RESOURCE_DETECTORS: "serviceinstance,env",
};
for (const [name, value] of Object.entries(defaults)) process.env[name] ||= value;

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url }) => url === "/healthz",
    }),
    new PinoInstrumentation(),
  ],
});
sdk.start();

/** Sends what is still batched. Gives up after a while: a gateway that is away must not hold the process. */
export async function flushTelemetry(timeoutMs) {
  const gaveUp = new Promise((resolve) => setTimeout(resolve, timeoutMs, "gave up").unref());
  const sent = sdk.shutdown().then(
    () => "sent",
    (error) => `not sent: ${error.message}`,
  );
  return Promise.race([sent, gaveUp]);
}
