import { loadConfig } from "./config/load.ts";
import { deployPlatform } from "./platform.ts";

const { settings, secrets } = loadConfig();

export const { namespace, endpoints } = await deployPlatform(settings, secrets);
