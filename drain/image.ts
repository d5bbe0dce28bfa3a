import { fileURLToPath } from "node:url";
import { OwnImage } from "../kubernetes/own-image.ts";

const directory = fileURLToPath(new URL(".", import.meta.url));

/** The program that holds a stopping gateway until its queues are empty. */
export const drainImage = new OwnImage(directory, "sightline/drain", [
  "Dockerfile",
  "package.json",
]);
