/** What a panel asks Prometheus. */
export interface PromQuery {
  readonly datasource: "prometheus";
  readonly expr: string;
  readonly legend: string;
  /** One moment instead of the whole range, as tables and tiles need it. */
  readonly instant?: true;
  /** Shows exemplars as points that open their trace. */
  readonly exemplars?: true;
}

/** What a panel asks Loki. */
export interface LokiQuery {
  readonly datasource: "loki";
  readonly expr: string;
  readonly legend: string;
}

export type PanelQuery = PromQuery | LokiQuery;

export function prom(expr: string, legend: string): PromQuery {
  return { datasource: "prometheus", expr, legend };
}

export function promNow(expr: string, legend: string): PromQuery {
  return { datasource: "prometheus", expr, legend, instant: true };
}

export function promWithExemplars(expr: string, legend: string): PromQuery {
  return { datasource: "prometheus", expr, legend, exemplars: true };
}

export function loki(expr: string, legend: string): LokiQuery {
  return { datasource: "loki", expr, legend };
}
