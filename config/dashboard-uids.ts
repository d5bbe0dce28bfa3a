/** Every dashboard by its uid, which is its file's name too: alerts and links can name no other. */
export const dashboardUids = ["platform-overview"] as const;

export type DashboardUid = (typeof dashboardUids)[number];
