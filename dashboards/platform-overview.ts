import type { Settings } from "../config/settings.ts";
import type { ClassicDashboardBuilder } from "./classic.ts";
import { addRow, houseDashboard, serviceVariable } from "./house.ts";
import { backendPanels } from "./panels/backends.ts";
import { collectorPanels } from "./panels/collectors.ts";
import { healthPanels } from "./panels/health.ts";
import { logPanels } from "./panels/logs.ts";
import { servicePanels } from "./panels/services.ts";

/** Is the platform fine, and if not, where. */
export function platformOverview(settings: Settings): ClassicDashboardBuilder {
  const dashboard = houseDashboard(
    "platform-overview",
    "Platform overview",
    "Is the platform fine, and if not, where. The first screen answers both; the rows below say what and why.",
  ).withVariable(serviceVariable());
  for (const panel of healthPanels(settings)) dashboard.withPanel(panel);
  addRow(dashboard, "Collectors", collectorPanels(settings));
  addRow(dashboard, "Loki, Tempo and Prometheus", backendPanels(settings));
  addRow(dashboard, "Services", servicePanels());
  addRow(dashboard, "Logs", logPanels());
  return dashboard;
}
