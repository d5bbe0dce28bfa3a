import type { ToolName } from "../tools/catalogue.ts";
import { images, type ImageName } from "../../config/versions.ts";

/** How the image of a program that was built here is laid out: as the published one, so that the manifests fit both. */
export interface ImageRecipe {
  readonly reference: string;
  /** Name of the built program in the tools' catalogue. */
  readonly program: ToolName;
  /** Where the published image has it. */
  readonly path: string;
  readonly uid: number;
}

function pinned(name: ImageName, program: ToolName, path: string, uid: number): ImageRecipe {
  const { repository, tag } = images[name];
  return { reference: `${repository}:${tag}`, program, path, uid };
}

/** Images of the platform's own stacks. Grafana is not among them: it cannot be built from modules. */
export const platformRecipes: readonly ImageRecipe[] = [
  pinned("collector", "otelcol", "/otelcol-contrib", 10001),
  pinned("loki", "loki", "/usr/bin/loki", 10001),
  pinned("tempo", "tempo", "/tempo", 10001),
  pinned("prometheus", "prometheus", "/bin/prometheus", 65534),
  pinned("alertmanager", "alertmanager", "/bin/alertmanager", 65534),
];

/** What only the tests deploy: an object store for the production stack. */
export const fixtureRecipes: readonly ImageRecipe[] = [
  {
    reference: "versity/versitygw:v1.8.0",
    program: "versitygw",
    path: "/usr/local/bin/versitygw",
    uid: 10001,
  },
];
