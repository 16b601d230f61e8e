/** The detector as the hosts run it, in every awk of this machine. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const DETECTOR = new URL('../../../../src/layers/rcu-watchdog/scripts/detector/', import.meta.url).pathname;
const FILES = readdirSync(DETECTOR).filter((name) => name.endsWith('.awk'));
const AWKS = ['mawk', 'gawk', 'busybox awk', 'original-awk'];

export type Settings = Readonly<Record<string, string | number>>;

export interface Answer {
  readonly lines: readonly string[];
  readonly decisions: readonly string[];
  readonly events: readonly string[];
  /** The last whole state block: the rest of each line by its key; keys that come more than once are joined by "|". */
  readonly state: Readonly<Record<string, string>>;
  /** Its lines as they were printed. */
  readonly block: readonly string[];
}

/** Command and arguments that start the detector. */
export function commandLine(awk: string, settings: Settings = {}): readonly string[] {
  return [
    ...awk.split(' '),
    ...FILES.flatMap((name) => ['-f', `${DETECTOR}${name}`]),
    ...Object.entries(settings).flatMap(([name, value]) => ['-v', `${name}=${value}`]),
  ];
}

export function detect(awk: string, input: readonly string[], settings: Settings = {}): Answer {
  const [command = '', ...args] = commandLine(awk, { clock: 'log', events: 1, ...settings });
  const { status, stdout, stderr } = spawnSync(command, args, {
    input: `${input.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  const block = lastBlock(lines);
  const state: Record<string, string> = {};
  for (const line of block) {
    const [, key = '', value = ''] = /^state (\S+) ?(.*)$/.exec(line) ?? [];
    state[key] = key in state ? `${state[key]}|${value}` : value;
  }
  return {
    lines,
    decisions: lines.filter((line) => line.startsWith('decide ')).map((line) => line.slice(7)),
    events: lines.filter((line) => line.startsWith('event ')).map((line) => line.slice(6)),
    state,
    block,
  };
}

function lastBlock(lines: readonly string[]): readonly string[] {
  const end = lines.lastIndexOf('state end');
  if (end < 0) return [];
  const start = lines.lastIndexOf(lines.find((line) => line.startsWith('state settings ')) ?? '', end);
  return lines.slice(start, end);
}

/** The first words of a decision: action, path, count, second. */
export const brief = (decision: string): string => decision.split(' ').slice(0, 4).join(' ');

/** Kernel records with numbers of their own. */
export function kernelLog(firstSequence = 1) {
  let sequence = firstSequence - 1;
  const record = (second: number, text: string, flags = '-') =>
    `4,${++sequence},${Math.round(second * 1e6)},${flags};${text}`;
  return {
    record,
    expedited: (second: number, number: number, jiffies = 21) =>
      record(
        second,
        `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P392 } ${jiffies} jiffies s: ${number} root: 0x0/T`,
      ),
    normal: (second: number, number: number, jiffies = 5250) => [
      record(second, 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'),
      record(second, `rcu: \\x09(detected by 0, t=${jiffies} jiffies, g=${number}, q=97 ncpus=4)`),
    ],
    skip: (records: number) => {
      sequence += records;
    },
  };
}

/** `count` distinct expedited stalls, `step` seconds apart. */
export function stalls(log: ReturnType<typeof kernelLog>, count: number, from: number, step: number, number = 100) {
  return Array.from({ length: count }, (_, index) => log.expedited(from + index * step, number + index));
}

const isThere = (awk: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${awk.split(' ')[0]}`]).status === 0 &&
  spawnSync('sh', ['-c', `${awk} 'BEGIN { exit 7 }'`]).status === 7;

const PRESENT = AWKS.filter(isThere);

/** Runs the suite under every awk there is. At least one must be there, and in CI all. */
export function describeInEveryAwk(title: string, body: (awk: string) => void): void {
  const missing = AWKS.filter((awk) => !PRESENT.includes(awk));
  for (const awk of missing) {
    if (process.env.CI) {
      test(`${title}, in ${awk}`, () => {
        throw new Error(`${awk}: expected it on the PATH, got nothing (tools/install-test-tools.sh installs it)`);
      });
    } else {
      console.warn(`SKIPPED '${title}' in ${awk}: not installed (tools/install-test-tools.sh)`);
      describe.skip(`${title}, in ${awk}`, () => body(awk));
    }
  }
  test(`${title}: an awk is there`, () => {
    expect(PRESENT).not.toEqual([]);
  });
  for (const awk of PRESENT) describe(`${title}, in ${awk}`, () => body(awk));
}
