// In a folder of its own: Pulumi fetches, before it runs, the plugin of each SDK below the program, used or not.
export { endpoints, namespace } from "../index.ts";
