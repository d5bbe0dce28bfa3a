import type { ToolName } from "../tools/catalogue.ts";
import { imageReference, images, type ImageName } from "../../config/versions.ts";

/** How the image of a program that was built here is laid out: as the published one, so that the manifests fit both. */
export interface ImageRecipe {
  readonly reference: string;
  /** Name of the built program in the tools' catalogue. */
  readonly program: ToolName;
  /** Where the published image has it. */
  readonly path: string;
  readonly uid: number;
}

function pinned(name: ImageName, program: ToolName, path: string): ImageRecipe {
  const { repository, tag, uid } = images[name];
  return { reference: `${repository}:${tag}`, program, path, uid };
}

/** Images of the platform's own stacks. Grafana is not among them: it cannot be built from modules. */
export const platformRecipes: readonly ImageRecipe[] = [
  pinned("collector", "otelcol", "/otelcol-contrib"),
  pinned("loki", "loki", "/usr/bin/loki"),
  pinned("tempo", "tempo", "/tempo"),
  pinned("prometheus", "prometheus", "/bin/prometheus"),
  pinned("alertmanager", "alertmanager", "/bin/alertmanager"),
];

/** The balancer's program is Debian's, with the libraries that it needs beside itself. */
export const haproxyRecipe = {
  reference: imageReference("haproxy"),
  /** Where the published image has it; the files are at the same places in both. */
  path: "/usr/local/sbin/haproxy",
  uid: images.haproxy.uid,
} as const;

/** What only the tests deploy: an object store for the production stack. */
export const fixtureRecipes: readonly ImageRecipe[] = [
  {
    reference: "versity/versitygw:v1.8.0",
    program: "versitygw",
    path: "/usr/local/bin/versitygw",
    uid: 10001,
  },
];
