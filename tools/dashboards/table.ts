/** A table: its queries put together by their labels, its columns named and coloured by the overrides. */
import type { Asked, Field, GrafanaPanel } from '../../test/rules/dashboards/grafana.js';
import { colourNamed, escaped, reading } from './values.js';

export function drawTable({ transformations, fieldConfig, options }: GrafanaPanel, asked: readonly Asked[]): string {
  const names = new Map(
    Object.entries(transformations.find(({ id }) => id === 'organize')?.options.renameByName ?? {}),
  );
  const rows = new Map<string, Map<string, string | number>>();
  for (const { target, answers } of asked)
    for (const { metric, values } of answers) {
      const key = JSON.stringify(Object.entries(metric).sort());
      const row = rows.get(key) ?? new Map<string, string | number>(Object.entries(metric));
      row.set(asked.length === 1 ? 'Value' : `Value #${target.refId}`, values.at(-1)?.[1] ?? Number.NaN);
      rows.set(key, row);
    }
  const properties = (title: string) =>
    Object.fromEntries(
      (fieldConfig.overrides.find(({ matcher }) => matcher.options === title)?.properties ?? []).map(
        ({ id, value }) => [id, value],
      ),
    );
  const [sort] = options.sortBy ?? [];
  const sortedBy = [...names].find(([, title]) => title === sort?.displayName)?.[0];
  const sorted = [...rows.values()].sort((a, b) =>
    sortedBy === undefined ? 0 : (sort?.desc ? 1 : -1) * (Number(b.get(sortedBy) ?? 0) - Number(a.get(sortedBy) ?? 0)),
  );
  const cell = (row: Map<string, string | number>, [name, title]: readonly [string, string]): string => {
    const field = properties(title);
    const value = row.get(name);
    if (typeof value === 'number') {
      const { text, colour } = reading(value, field as Field);
      const coloured = (field['custom.cellOptions'] as { type?: string } | undefined)?.type === 'color-text';
      return `<td style="color:${coloured ? bright(colour) : 'inherit'}">${escaped(text)}</td>`;
    }
    const mapped = (field as Field).mappings?.[0]?.options[value ?? '']?.text ?? value ?? '';
    return `<td>${'links' in field ? `<a>${escaped(mapped)}</a>` : escaped(mapped)}</td>`;
  };
  return `<table><tr>${[...names.values()].map((title) => `<th>${escaped(title)}</th>`).join('')}</tr>${sorted
    .map((row) => `<tr>${[...names].map((column) => cell(row, column)).join('')}</tr>`)
    .join('')}</table>`;
}

/** On the dark ground as text, not as the ground of white text. */
const bright = (name: string | undefined): string =>
  ({ green: '#73bf69', orange: '#ff9830', red: '#f2495c' })[name ?? ''] ?? colourNamed(name);
