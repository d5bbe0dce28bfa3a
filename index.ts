import { loadConfig } from "./config/load.ts";
import { deployPlatform } from "./platform.ts";

const { settings, secrets } = loadConfig();

/** Where everything is found inside the cluster, and where Grafana is. */
export const { namespace, endpoints, grafanaUrl } = deployPlatform(settings, secrets);
