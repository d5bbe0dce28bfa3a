import { ports } from "../../config/ports.ts";
import { images } from "../../config/versions.ts";
import { drainImage } from "../../drain/image.ts";
import type { ImageSpec } from "../cluster/image-writer.ts";
import { nodeImageSpec } from "./node-image.ts";

/** The image of the sidecar that empties a leaving gateway's queues. */
export function drainImageSpec(): Promise<ImageSpec> {
  return nodeImageSpec({
    image: drainImage,
    uid: images.collector.uid,
    port: ports.gateway.drain,
    entrypoint: ["node", "src/server.js"],
  });
}
