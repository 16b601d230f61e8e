/** Changes of fields as lines: short values side by side, texts as the lines that differ. */
import { commonItems, type FieldChange } from '../../manifest/field-changes.js';
import type { Json } from '../../manifest/manifest.js';
import { commonLength, counted } from '../words.js';

export interface FieldLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** How many lines of one text are shown; `null`: all of them. */
export type MostLines = number | null;

const LONGEST = 100;

export function fieldLines({ path, before, after }: FieldChange, most: MostLines): readonly FieldLine[] {
  const name = path === '' ? 'the object' : path;
  const isOrder = path.endsWith('[order]') && most !== null && JSON.stringify(after ?? '').length > LONGEST;
  if (isOrder) return [{ sign: ' ', text: `${path.slice(0, -'[order]'.length)}: the same in another order` }];
  if (typeof before === 'string' && typeof after === 'string' && `${before}${after}`.includes('\n'))
    return textLines(name, before, after, isTold(path, after) && most !== null ? 0 : most);
  if (before === undefined) return [{ sign: '+', text: `${name}: ${whole(path, after, most)}` }];
  if (after === undefined) return [{ sign: '-', text: `${name}: ${whole(path, before, most)}` }];
  const [old, now] = [short(before, most), short(after, most)];
  if (before === '***' && after === '***') return [{ sign: ' ', text: `${name}: *** (another value)` }];
  if (old === now || old.length + now.length > LONGEST) {
    const [from, to] = old === now ? whereTheyDiffer(JSON.stringify(before), JSON.stringify(after)) : [old, now];
    return [
      { sign: ' ', text: `${name}:` },
      { sign: '-', text: `  ${from}` },
      { sign: '+', text: `  ${to}` },
    ];
  }
  return [{ sign: ' ', text: `${name}: ${old} → ${now}` }];
}

/** A dashboard's JSON says nothing to who reads it by lines; what a host's plan says stands among the hosts. */
const isTold = (path: string, text: string): boolean => /\.json"?$/.test(path) || text.startsWith('selfheal-plan ');

/** What comes or goes: of a text its length, of an item of a list what its path does not say already. */
function whole(path: string, value: Json | undefined, most: MostLines): string {
  if (typeof value === 'string' && value.includes('\n') && value.length > LONGEST && most !== null)
    return `a text of ${counted(value.replace(/\n$/, '').split('\n').length, 'line')}`;
  const keys = /\[([^\]]*=[^\]]*)\]$/
    .exec(path)?.[1]
    ?.split(',')
    .map((pair) => pair.split('=')[0]);
  if (keys === undefined || typeof value !== 'object' || value === null || Array.isArray(value))
    return short(value, most);
  const rest = Object.entries(value).filter(([key]) => !keys.includes(key));
  return rest.length === 0 ? 'as named' : short(Object.fromEntries(rest), most);
}

/** Two long values that begin alike: what is around the first difference. */
function whereTheyDiffer(old: string, now: string): readonly [string, string] {
  const start = Math.max(0, commonLength(old, now) - LONGEST / 4);
  const part = (text: string): string =>
    `${start > 0 ? '…' : ''}${text.slice(start, start + LONGEST)}${text.length > start + LONGEST ? '…' : ''}`;
  return [part(old), part(now)];
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
