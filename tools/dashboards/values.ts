/** How Grafana would write a value, and which colour it would give it. */
import type { Field } from '../../test/rules/dashboards/grafana.js';

const COLOURS: Readonly<Record<string, string>> = {
  green: '#299c46',
  orange: '#d9730d',
  red: '#c4162a',
  text: '#ccccdc',
};

const PALETTE = ['#73bf69', '#f2cc0c', '#5794f2', '#ff9830', '#f2495c', '#b877d9', '#8ab8ff', '#ffa6b0'] as const;

export const colourNamed = (name: string | undefined): string => COLOURS[name ?? 'text'] ?? '#ccccdc';

export const seriesColour = (index: number): string => PALETTE[index % PALETTE.length] ?? PALETTE[0];

const digits = (value: number): string => {
  if (value === 0) return '0';
  return value.toFixed(Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2);
};

const TIMES = [
  [31_536_000, 'years'],
  [604_800, 'weeks'],
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'mins'],
] as const;

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function withUnit(value: number, unit: string | undefined): string {
  if (unit === 'percentunit') return `${(value * 100).toFixed(1)}%`;
  if (unit === 's') {
    const [size, name] = TIMES.find(([seconds]) => Math.abs(value) >= seconds) ?? [1, 's'];
    return `${digits(value / size)} ${name}`;
  }
  if (unit === 'bytes') {
    const power = Math.max(0, Math.min(SIZES.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
    return `${digits(value / 1024 ** power)} ${SIZES[power]}`;
  }
  return digits(value);
}

export function reading(value: number, field: Field): { readonly text: string; readonly colour: string | undefined } {
  const word = field.mappings?.[0]?.options[String(value)];
  if (word) return { text: word.text, colour: word.color };
  const steps = field.thresholds?.steps ?? [];
  const step = steps.findLast(({ value: from }) => from === null || value >= from);
  return { text: withUnit(value, field.unit), colour: step?.color };
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
