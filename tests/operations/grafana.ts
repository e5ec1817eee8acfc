// What a dashboard may hold, by Grafana's own types. They are those of its source, so that enums are taken by their
// values, and what Grafana leaves to data sources and links is narrowed to what it reads.

import type { Dashboard, DataSourceRef, FieldConfig, FieldConfigSource, Panel, RowPanel } from "@grafana/schema";
import type * as Stat from "./node_modules/@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as States from "./node_modules/@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as Text from "./node_modules/@grafana/schema/dist/types/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen";
import type * as Series from "./node_modules/@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Plain<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

type Link = { title: string; url: string; targetBlank?: boolean };

type Query = { refId: string; expr: string; legendFormat: string; editorMode: "code"; range: true };

type Config<Custom> = Omit<FieldConfigSource, "defaults"> & {
  defaults: Omit<FieldConfig, "custom"> & { custom: Custom };
};

type Drawn<Type, Options, Custom> = Plain<
  Omit<Required<Pick<Panel, "id" | "title" | "description" | "gridPos" | "datasource">>, "type"> & {
    options: Options;
    fieldConfig: Config<Custom>;
  }
> & { type: Type; targets: Query[]; links: Link[] };

type Written = Plain<Required<Pick<Panel, "id" | "title" | "gridPos">>> & {
  type: "text";
  options: Plain<Text.Options>;
};

type Graph =
  | Drawn<"timeseries", Series.Options, Series.FieldConfig>
  | Drawn<"stat", Stat.Options, Record<string, never>>
  | Drawn<"state-timeline", States.Options, States.FieldConfig>
  | Written;

type Row = Plain<Omit<RowPanel, "panels">> & { panels: Graph[] };

// An annotation of Prometheus, which has a query, and texts that are filled in by its labels.
type Annotation = {
  name: string;
  enable: boolean;
  iconColor: string;
  datasource: DataSourceRef;
  target: { refId: string; expr: string; interval: string };
  titleFormat: string;
  textFormat: string;
};

export type Checked = Plain<Omit<Required<Dashboard>, Left>> & {
  panels: (Graph | Row)[];
  annotations: { list: Annotation[] };
};

// What Grafana keeps itself, and what is not written.
type Left =
  | "annotations"
  | "panels"
  | "id"
  | "gnetId"
  | "revision"
  | "snapshot"
  | "fiscalYearStartMonth"
  | "liveNow"
  | "preload"
  | "style"
  | "timepicker"
  | "weekStart";
