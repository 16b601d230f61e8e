/** Changes of fields as lines: short values side by side, texts as the lines that differ. */
import { commonItems, type FieldChange } from '../../manifest/field-changes.js';
import type { Json } from '../../manifest/manifest.js';

export interface FieldLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** How many lines of one text are shown; `null`: all of them. */
export type MostLines = number | null;

const LONGEST = 100;

export function fieldLines({ path, before, after }: FieldChange, most: MostLines): readonly FieldLine[] {
  const name = path === '' ? 'the object' : path;
  if (typeof before === 'string' && typeof after === 'string' && `${before}${after}`.includes('\n'))
    return textLines(name, before, after, most);
  if (before === undefined) return [{ sign: '+', text: `${name}: ${short(after, most)}` }];
  if (after === undefined) return [{ sign: '-', text: `${name}: ${short(before, most)}` }];
  const [old, now] = [short(before, most), short(after, most)];
  if (before === '***' && after === '***') return [{ sign: ' ', text: `${name}: *** (another value)` }];
  if (old === now || old.length + now.length > LONGEST)
    return [
      { sign: ' ', text: `${name}:` },
      { sign: '-', text: `  ${old === now ? JSON.stringify(before) : old}` },
      { sign: '+', text: `  ${old === now ? JSON.stringify(after) : now}` },
    ];
  return [{ sign: ' ', text: `${name}: ${old} → ${now}` }];
}

function textLines(name: string, before: string, after: string, most: MostLines): readonly FieldLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const lines: FieldLine[] = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...commonItems(old, now), [old.length, now.length] as const]) {
    if (i < nextI || j < nextJ) lines.push({ sign: ' ', text: `  line ${j + 1}` });
    for (; i < nextI; i++) lines.push({ sign: '-', text: `  ${old[i]}` });
    for (; j < nextJ; j++) lines.push({ sign: '+', text: `  ${now[j]}` });
    i = nextI + 1;
    j = nextJ + 1;
  }
  const count = (sign: '+' | '-'): number => lines.filter((line) => line.sign === sign).length;
  const shown = most === null ? lines : lines.slice(0, most);
  const more = lines.length - shown.length;
  return [
    { sign: ' ', text: `${name}: +${count('+')} -${count('-')} lines` },
    ...shown,
    ...(more === 0 ? [] : [{ sign: ' ', text: `  … ${more} more lines (--full)` } as const]),
  ];
}

/** A value on one line. */
function short(value: Json | undefined, most: MostLines): string {
  if (typeof value === 'string' && /^[0-9a-f]{40,}$/.test(value)) return `${value.slice(0, 8)}…`;
  const text = typeof value === 'string' && /^[\w./:@%*-]+$/.test(value) ? value : (JSON.stringify(value) ?? '');
  return most !== null && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
