/** Colours, words and links: how Grafana is told to read a value. */
import { addressOf, type Board } from './boards.js';
import type { Limit, PanelSpec, Reading } from './panel.js';

/** What every panel of a board needs to know of the cluster. */
export interface Place {
  readonly cluster: string;
  readonly runbookBaseUrl: string;

  /** Every alert that there is a page for. */
  readonly alerts: readonly string[];
}

const COLOURS = { good: 'green', bad: 'red', 'worth a look': 'orange', neither: 'text' } as const;

export const reading = ({ unit, from, below, words }: Reading) => ({
  unit,
  // Less than 100 %, more than 99: nothing that matters here.
  ...(unit === 'percentunit' ? { decimals: 1 } : {}),
  thresholds: { mode: 'absolute', steps: steps(from ?? [], below ?? []) },
  mappings: words === undefined ? [] : [{ type: 'value', options: mapping(words) }],
});

function steps(from: readonly Limit[], below: readonly Limit[]) {
  const byValue = (limits: readonly Limit[]) => [...limits].sort((a, b) => a.at - b.at);
  const [high, low] = [byValue(from), byValue(below)];
  const upwards = [...low.map(({ is }) => COLOURS[is]), COLOURS.good];
  return [
    { color: upwards[0], value: null },
    ...low.map(({ at }, index) => ({ color: upwards[index + 1], value: at })),
    ...high.map(({ at, is }) => ({ color: COLOURS[is], value: at })),
  ];
}

const mapping = (words: NonNullable<Reading['words']>) =>
  Object.fromEntries(
    Object.entries(words).map(([value, { text, is }], index) => [value, { text, color: COLOURS[is], index }]),
  );

/** A click on a value; a value without a node leads to all nodes. */
export const leadingTo = (place: Place, board: Board, node: string) => ({
  title: board === 'node' ? 'The node' : `The board of ${board}`,
  url: addressOf(place.cluster, board, board === 'node' ? node : null),
});

export const runbookAddress = ({ runbookBaseUrl }: Place, page: string): string => `${runbookBaseUrl}/${page}`;

export const pageOf = (alert: string): string => `${alert.toLowerCase()}.md`;

/** In the corner of the panel: the pages of the alerts that its colours stand for. */
export const runbookLinks = (place: Place, limits: readonly Limit[]) =>
  [...new Set(limits.flatMap(({ alert }) => alert ?? []))].map((alert) => ({
    title: `Runbook: ${alert}`,
    url: runbookAddress(place, pageOf(alert)),
    targetBlank: true,
  }));

export const whenEmpty = ({ emptyMeans }: PanelSpec) => (emptyMeans === undefined ? {} : { noValue: emptyMeans });
