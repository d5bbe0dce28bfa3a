/* eslint-disable @typescript-eslint/no-deprecated --
   The builders that are to replace these make what Grafana's file provisioning refuses. Only this file names them. */
import { DashboardBuilder, type Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";

/** A dashboard in the classic schema, the only one that can be provisioned from a file. */
export type ClassicDashboard = Dashboard;
export type ClassicDashboardBuilder = DashboardBuilder;

export function classicDashboard(title: string): ClassicDashboardBuilder {
  return new DashboardBuilder(title);
}
