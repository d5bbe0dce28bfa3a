import { fileURLToPath } from "node:url";
import { OwnImage } from "../../kubernetes/own-image.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));

/** The example service. npm's own settings are among its inputs: they decide what `npm ci` does. */
export const helloImage = new OwnImage(directory, "sightline/hello", [
  ".npmrc",
  "Dockerfile",
  "package-lock.json",
  "package.json",
]);
