import { loki } from "./query.ts";

/** How much is logged, by whom and how loud. `detected_level` is Loki's own reading of each record's severity. */
export const logQueries = {
  byService: loki(
    'sum by (service_name) (count_over_time({service_name=~"$service"}[$__auto]))',
    "{{service_name}}",
  ),
  byLevel: loki(
    'sum by (detected_level) (count_over_time({service_name=~"$service"}[$__auto]))',
    "{{detected_level}}",
  ),
} as const;
