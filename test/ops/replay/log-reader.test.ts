import { describe, expect, test } from 'vitest';
import type { TimedLine } from '../../../src/ops/replay/clock.js';
import { createLogReader } from '../../../src/ops/replay/log-reader.js';

/** Everything that a reader gives for a text that comes in pieces of this size. */
function readAll(text: string, size = 7) {
  const reader = createLogReader();
  const lines: TimedLine[] = [];
  for (let at = 0; at < text.length; at += size) lines.push(...reader.read(text.slice(at, at + size)));
  lines.push(...reader.end());
  const boots = lines.filter(({ kind }) => kind === 'boot').length;
  const records = lines.flatMap((line) => (line.kind === 'record' ? [[line.seconds, line.text] as const] : []));
  return { boots, records, ...reader.summary() };
}

const ENTRY = (fields: Readonly<Record<string, string>>) =>
  `${Object.entries({ __CURSOR: 's=1', _TRANSPORT: 'kernel', PRIORITY: '3', ...fields })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;

describe('boots', () => {
  test('are not told apart by stamps of several CPUs that are a little out of order', () => {
    expect(readAll('[   5.000001] a\n[   4.999999] b\n[   5.000002] c\n').boots).toBe(1);
  });

  test('are told apart by stamps that fall', () => {
    expect(readAll('[ 500.000000] a\n[   4.000000] b\n')).toMatchObject({
      boots: 2,
      records: [
        [500, 'a'],
        [4, 'b'],
      ],
    });
  });

  test('begin at the first lines of a kernel, once for both of them', () => {
    const boot =
      '[    0.000000] Booting Linux on physical CPU 0x0\n[    0.000000] Linux version 6.17.0\n[    3.000000] x\n';

    expect(readAll(boot + boot).boots).toBe(2);
  });

  test('are told apart by the lines of journalctl, and their time begins anew', () => {
    const text = `-- Boot ${'a'.repeat(32)} --\nNov 30 13:31:02 jarvis kernel: a\nNov 30 13:31:12 jarvis kernel: b\n-- Boot ${'b'.repeat(32)} --\nNov 30 14:00:00 jarvis kernel: c\n`;

    expect(readAll(text)).toMatchObject({
      boots: 2,
      time: 'wall',
      records: [
        [0, 'a'],
        [10, 'b'],
        [0, 'c'],
      ],
    });
  });

  test('are told apart by the boot id of an export, whose monotonic time may go on', () => {
    const text = ['1', '1', '2']
      .map((boot) => ENTRY({ _BOOT_ID: boot, _SOURCE_MONOTONIC_TIMESTAMP: '7000000', MESSAGE: 'x' }))
      .join('');

    expect(readAll(text)).toMatchObject({ boots: 2, time: 'uptime' });
  });
});

describe('time', () => {
  test('does not move when only a wall clock is there and it steps back', () => {
    const text = ['13:31:02', '13:31:12', '12:31:12', '12:31:15']
      .map((at) => `Nov 30 ${at} jarvis kernel: x\n`)
      .join('');

    const { records, clockStepsBack } = readAll(text);

    expect(records.map(([seconds]) => seconds)).toEqual([0, 10, 10, 13]);
    expect(clockStepsBack).toBe(1);
  });

  test("is the kernel's own where syslog has both, whatever the wall clock does", () => {
    const text = 'Jan  1 00:00:07 jarvis kernel: [    7.000000] a\nNov 30 13:31:02 jarvis kernel: [   20.000000] b\n';

    expect(readAll(text).records.map(([seconds]) => seconds)).toEqual([7, 20]);
  });

  test('is none where no line has a stamp', () => {
    expect(readAll('rcu: INFO: rcu_preempt self-detected stall on CPU\nusb 1-1: reset\n')).toMatchObject({
      time: 'none',
      kernelLines: 2,
    });
  });

  test('of a piece without a stamp is that of the line before', () => {
    expect(readAll('[   5.000000] a\n\t(t=5252 jiffies g=4141 q=1)\n').records).toEqual([
      [5, 'a'],
      [5, '\t(t=5252 jiffies g=4141 q=1)'],
    ]);
  });
});

describe('a kernel log', () => {
  test.each([
    ['a list of users', 'root:x:0:0:root:/root:/bin/bash\n'],
    ['a page', '# Title\n\nText with a [link](x).\n'],
    ['a single stamped line in a flood of others', `[   5.000000] a\n${'some text\n'.repeat(20)}`],
  ])('is not %s', (_, text) => {
    expect(readAll(text).isKernelLog).toBe(false);
  });

  test.each([
    ['stamped', '[   5.000000] a\n'],
    ['without stamps, but with something that only a kernel writes', `Linux version 6.1.0\n${'ACPI: x\n'.repeat(30)}`],
    ['with many pieces of its own reports', `[   5.000000] a\n${'\t(x)\n'.repeat(9)}`],
  ])('may be %s', (_, text) => {
    expect(readAll(text).isKernelLog).toBe(true);
  });
});

describe('a file', () => {
  test('with CRLF, zeros from a power cut and no last line feed reads the same', () => {
    const { records, lines } = readAll('[   5.000000] a\r\n\0\0\0[   6.000000] b');

    expect(records).toEqual([
      [5, 'a'],
      [6, 'b'],
    ]);
    expect(lines).toBe(2);
  });

  test.each([1, 3, 64, 100_000])('of journalctl -o export with a binary field reads in pieces of %d', (size) => {
    const message = 'line one\nPRIORITY=0\n\n'; // Looks like fields and the end of an entry.
    const length = String.fromCharCode(message.length, 0, 0, 0, 0, 0, 0, 0);
    const text = `${ENTRY({ _TRANSPORT: 'syslog', MESSAGE: 'no' })}__CURSOR=s=2\n_TRANSPORT=kernel\nMESSAGE\n${length}${message}\n_SOURCE_MONOTONIC_TIMESTAMP=9500000\n\n${ENTRY({ __MONOTONIC_TIMESTAMP: '9600000', MESSAGE: 'c' })}`;

    expect(readAll(text, size).records).toEqual([
      [9.5, 'line one PRIORITY=0  '],
      [9.6, 'c'],
    ]);
  });

  test('of journalctl -o json reads, with a message in bytes', () => {
    const entry = (message: unknown, transport = 'kernel') =>
      `${JSON.stringify({ _TRANSPORT: transport, _SOURCE_MONOTONIC_TIMESTAMP: '1500000', MESSAGE: message })}\n`;

    expect(readAll(entry('a') + entry('no', 'stdout') + entry([98, 99])).records).toEqual([
      [1.5, 'a'],
      [1.5, 'bc'],
    ]);
  });

  test.each([
    ['short', 'Nov 21 15:27:01 gnode systemd-journald[18]: Missed 5228 kernel messages\n'],
    ['export', ENTRY({ _TRANSPORT: 'driver', MESSAGE: 'Missed 5228 kernel messages' })],
    ['json', `${JSON.stringify({ _TRANSPORT: 'driver', MESSAGE: 'Missed 5228 kernel messages' })}\n`],
  ])('of journalctl -o %s tells how many records journald missed', (_, text) => {
    expect(readAll(text).missed).toBe(5_228);
  });

  test('in which rsyslog wrote a line once for several counts them all', () => {
    const text = 'Nov 30 13:31:02 jarvis kernel: message repeated 3 times: [ rcu: INFO: x]\n';

    expect(readAll(text).records.map(([, words]) => words)).toEqual(Array(3).fill('rcu: INFO: x'));
  });

  test.each([
    [1_000, 'clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 1911260446275000 ns'],
    [250, 'clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 7645041785100000 ns'],
  ])('that says so has %d jiffies a second', (hz, line) => {
    expect(readAll(`[    0.010000] ${line}\n`).hz).toBe(hz);
  });
});
