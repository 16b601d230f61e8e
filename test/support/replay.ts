/** Runs `selfheal replay` on a text and says its verdicts in short; and the table of docs/incidents.md made of them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clock } from '../../src/ops/replay/words.js';
import { PROGRAM } from './program.js';

interface Moment {
  readonly at: number;
  readonly path: string;
  readonly count: number;
}

interface Report {
  readonly policies: Readonly<
    Record<string, { readonly reboots: readonly Moment[]; readonly alerts: readonly Moment[] }>
  >;
}

const shortly = (action: string, { at, path, count }: Moment): string => `${action} ${clock(at)} ${path} ${count}`;

export function replayed(log: string | Buffer) {
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'replay', '-o', 'json', '-'], {
    input: log,
    encoding: 'utf8',
  });
  if (stderr !== '') throw new Error(`selfheal replay: expected no complaint, got ${stderr}`);
  const report: Report = JSON.parse(stdout);
  const verdicts: Record<string, readonly string[]> = {};
  for (const [name, { reboots, alerts }] of Object.entries(report.policies)) {
    verdicts[name] = [
      ...reboots.map((moment) => shortly('reboot', moment)),
      ...alerts.map((moment) => shortly('alert', moment)),
    ];
  }
  return { report, verdicts };
}

/** Rows of the table: what it is called, its fixture. */
const ROWS = [
  ['[Nov 30, 13:31](#nov-30-black-hole): 1.4 in 10 min, at most 3', 'nov-30-black-hole.log'],
  ['[Nov 30, 17:50](#nov-30-watchdog): 7 in 10 min', 'nov-30-watchdog.log'],
  ['[Apr 3](#apr-3-reboot-loop): 75 in the first 2.5 min, 10 boots', 'apr-3-reboot-loop.log'],
  ['the same, and 8 in 10 min after it', 'apr-3-reboot-loop-with-noise.log'],
  ['[Apr 5](#apr-5-slow): 10 in a bunch', 'apr-5-slow.log'],
  ['[Apr 5](#apr-5-burst): 30 in 60 s, then frozen', 'apr-5-burst.log'],
  ['[Apr 6 to 8](#apr-6-8-leak): 726 in 30.5 h', 'apr-6-8-leak.log'],
  ['one stall of 2 s, 30 headers', 'one-long-stall.log'],
] as const;

/** The table of docs/incidents.md. */
export function replayTable(folder: string): string {
  const rows = ROWS.map(([title, file]) => {
    const { verdicts } = replayed(readFileSync(join(folder, file)));
    const cells = ['v1', 'v2', 'v3', 'current'].map((name) => cell(verdicts[name] ?? []));
    return `| ${[title, ...cells].join(' | ')} |`;
  });
  return ['| | v1 | v2 | v3 | current |', '|---|---|---|---|---|', ...rows].join('\n');
}

function cell(verdicts: readonly string[]): string {
  const [first = '–'] = verdicts;
  return verdicts.length > 1 ? `${first}, ${verdicts.length} times` : first;
}
