/** What a panel of ours can be: a closed type, so that none is without a unit, a sentence for who reads it, a place. */
import type { Board } from './boards.js';

export type Unit = 'short' | 'bytes' | 's' | 'percentunit';

export interface Query {
  readonly expr: string;

  /** What a series is called, e.g. `{{node}}`. */
  readonly legend: string;
}

/** Where a value stops to be good, and the alert that says so as well: its runbook is linked from the panel. */
export interface Limit {
  readonly at: number;
  readonly is: 'bad' | 'worth a look';

  /** `null` where no alert of ours speaks of it. */
  readonly alert: string | null;

  /** The panel counts what the alert is about: one is too many. @default - the panel shows what the alert compares */
  readonly counts?: true;
}

interface Word {
  readonly text: string;
  readonly is: 'good' | 'bad' | 'worth a look' | 'neither';
}

/** How the values of a panel, or of a table's column, are to be read. */
export interface Reading {
  readonly unit: Unit;

  /** Values from there on are not good. @default - none */
  readonly from?: readonly Limit[];

  /** Values below are not good. @default - none */
  readonly below?: readonly Limit[];

  /** Words in the place of numbers, e.g. of 0 and 1. @default - numbers */
  readonly words?: Readonly<Record<number, Word>>;
}

interface Common {
  readonly title: string;

  /** What is normal, what it means where it is not, where to look next. */
  readonly description: string;

  /** Of 24. */
  readonly width: number;

  /** Where a click on a value leads: a board, for the node that the value is of, if it is of one. @default - nowhere */
  readonly leadsTo?: Board;

  /** What stands there where there is nothing to see, if that is normal. @default - nothing to see is a fault */
  readonly emptyMeans?: string;
}

export interface ValuePanel extends Common, Reading {
  readonly kind: 'stat' | 'timeseries' | 'bars' | 'timeline';
  readonly queries: readonly Query[];
}

/** A column of a table that is asked for. */
export interface Column extends Reading {
  readonly title: string;
  readonly expr: string;
}

/** A label of the table's rows, shown as a column. */
export interface LabelColumn {
  readonly label: string;
  readonly title: string;

  /** Where a click on it leads. @default - nowhere */
  readonly leadsTo?: Board | 'runbook';
}

/** Rows are the sets of labels: all columns of a table must have the same. */
export interface TablePanel extends Common {
  readonly kind: 'table';
  readonly labels: readonly LabelColumn[];
  readonly columns: readonly Column[];

  /** By the title of a column. @default - as Prometheus gives them */
  readonly sortedBy?: { readonly title: string; readonly first: 'highest' | 'lowest' };
  readonly height?: number;
}

export type PanelSpec = ValuePanel | TablePanel;

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** A panel that shares its line with others. */
export type Part = Omit<ValuePanel, 'width'>;

/** Panels that share one line of the grid; one alone takes half of it. */
export function sideBySide(...panels: readonly Part[]): readonly ValuePanel[] {
  const [width, rest] = panels.length === 1 ? [12, 0] : [Math.floor(24 / panels.length), 24 % panels.length];
  return panels.map((panel, index) => ({ ...panel, width: width + (index < rest ? 1 : 0) }));
}

export const readingsOf = (panel: PanelSpec): readonly Reading[] => (panel.kind === 'table' ? panel.columns : [panel]);

export const limitsOf = (panel: PanelSpec): readonly Limit[] =>
  readingsOf(panel).flatMap(({ from = [], below = [] }) => [...from, ...below]);
