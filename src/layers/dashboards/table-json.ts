/** A table of Grafana: one query for each column, put together by the labels that they share. */
import { leadingTo, type Place, pageOf, reading, runbookAddress } from './field-config.js';
import type { Column, LabelColumn, TablePanel } from './panel.js';
import { refId } from './ref-id.js';

export const tableJson = (panel: TablePanel, place: Place) => ({
  overrides: [
    ...panel.labels.map((label) => override(label.title, labelProperties(label, place))),
    ...panel.columns.map((column) => override(column.title, columnProperties(column))),
  ],
  options: {
    showHeader: true,
    cellHeight: 'sm',
    ...(panel.sortedBy === undefined
      ? {}
      : { sortBy: [{ displayName: panel.sortedBy.title, desc: panel.sortedBy.first === 'highest' }] }),
  },
  transformations: [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries([...names(panel).keys()].map((name, index) => [name, index])),
        renameByName: Object.fromEntries(names(panel)),
      },
    },
  ],
});

/** What Grafana calls the columns, and what they are called here. */
const names = ({ labels, columns }: TablePanel): ReadonlyMap<string, string> =>
  new Map([
    ...labels.map(({ label, title }) => [label, title] as const),
    ...columns.map(({ title }, index) => [columns.length === 1 ? 'Value' : `Value #${refId(index)}`, title] as const),
  ]);

const override = (title: string, properties: readonly { id: string; value: unknown }[]) => ({
  matcher: { id: 'byName', options: title },
  properties,
});

function columnProperties(column: Column) {
  const { unit, mappings, thresholds, ...rest } = reading(column);
  const isColoured = thresholds.steps.length > 1 || mappings.length > 0;
  return [
    { id: 'unit', value: unit },
    ...Object.entries(rest).map(([id, value]) => ({ id, value })),
    { id: 'mappings', value: mappings },
    { id: 'thresholds', value: thresholds },
    { id: 'custom.cellOptions', value: { type: isColoured ? 'color-text' : 'auto' } },
  ];
}

function labelProperties({ leadsTo }: LabelColumn, place: Place) {
  if (leadsTo === undefined) return [];
  if (leadsTo !== 'runbook') return [{ id: 'links', value: [leadingTo(place, leadsTo, '${__value.text}')] }];
  return [
    // The page's name is in small letters, which Grafana cannot make. An alert of somebody else leads to the list.
    { id: 'mappings', value: [{ type: 'value', options: pages(place) }] },
    {
      id: 'links',
      value: [{ title: 'Runbook', url: runbookAddress(place, '${__value.text}'), targetBlank: true }],
    },
  ];
}

const pages = ({ alerts }: Place) =>
  Object.fromEntries(alerts.map((alert, index) => [alert, { text: pageOf(alert), index }]));
