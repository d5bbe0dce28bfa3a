import type { DashboardUid } from "../config/dashboard-uids.ts";

/** Panels that may show nothing although all is well, by dashboard and title, with the reason. */
export const allowedEmpty: Readonly<
  Partial<Record<DashboardUid, Readonly<Record<string, string>>>>
> = {
  "platform-overview": {
    "What: alerts that fire": "nothing fires on a good day",
  },
};
