import { describe, expect, test } from 'vitest';
import { createLineReader } from '../../../src/ops/replay/formats.js';
import { formatWall } from '../../../src/ops/replay/wall-clock.js';

const TEXT = 'rcu: INFO: rcu_preempt self-detected stall on CPU';
const read = (...lines: readonly string[]) => {
  const readLine = createLineReader();
  return lines.map(readLine).at(-1);
};

describe('a line of another program', () => {
  test.each([
    ['syslog', 'Nov 30 13:31:02 jarvis sshd[812]: rcu: INFO: rcu_preempt self-detected stall on CPU'],
    [
      'syslog, without a number',
      'Nov 30 13:31:02 jarvis rcu-stall-watchdog: INFO: rcu_preempt self-detected stall on CPU',
    ],
    ['ISO syslog', '2025-11-30T13:31:02.123456-07:00 jarvis k3s[901]: hello'],
    ['RFC 5424', '<30>1 2025-11-30T13:31:02.123456-07:00 jarvis k3s 901 - - hello'],
    ['journalctl short-full', 'Sun 2025-11-30 13:31:02 MST jarvis k3s[901]: hello'],
    ['a note of journalctl', '-- Journal begins at Sun 2025-11-30 13:31:02 MST. --'],
  ])('is not read: %s', (_, line) => {
    expect(read(line)).toEqual({ kind: 'foreign' });
  });

  test('is not read from journalctl short-monotonic, once a line has named the host', () => {
    expect(read(`[   12.345678] jarvis kernel: ${TEXT}`, '[   13.000000] jarvis sshd[812]: hello')).toEqual({
      kind: 'foreign',
    });
  });

  test('is not read from it either where it comes before the first line of the kernel', () => {
    expect(read('[13734.135261] gnode systemd-journald[18]: Missed 5228 kernel messages')).toEqual({ kind: 'foreign' });
    expect(read('[   13.000000] systemd[1]: Started x.')).toMatchObject({ kind: 'record' });
  });

  test('is no driver that looks like one', () => {
    expect(read(`[   12.345678] jarvis kernel: ${TEXT}`, '[   13.000000] usb 1-1: reset')).toMatchObject({
      kind: 'record',
      text: 'usb 1-1: reset',
    });
  });
});

describe('a line of the kernel with its own stamp', () => {
  test.each([
    ['dmesg', `[  123.456789] ${TEXT}`],
    ['dmesg, milliseconds', `[  123.457] ${TEXT}`],
    ['with the caller', `[  123.456789] [    T17] ${TEXT}`],
    ['with the caller, as printk writes it', `[  123.456789][   C1] ${TEXT}`],
    ['dmesg -d', `[  123.456789 <    0.000012>] ${TEXT}`],
    ['dmesg -r', `<3>[  123.456789] ${TEXT}`],
    ['dmesg -x', `kern  :err   : [  123.456789] ${TEXT}`],
    ['syslog', `Nov 30 13:31:02 jarvis kernel: [  123.456789] ${TEXT}`],
    ['syslog, day of one digit', `Nov  3 13:31:02 jarvis kernel: [  123.456789] ${TEXT}`],
    ['busybox syslogd', `Nov 30 13:31:02 jarvis kern.err kernel: [  123.456789] ${TEXT}`],
    ['ISO syslog', `2025-11-30T13:31:02.123456-07:00 jarvis kernel: [  123.456789] ${TEXT}`],
    ['RFC 5424', `<3>1 2025-11-30T13:31:02.123456Z jarvis kernel - - - [  123.456789] ${TEXT}`],
    ['RFC 5424 with data', `<3>1 2025-11-30T13:31:02Z jarvis kernel - - [a@1 b="c"][d@2] [  123.456789] ${TEXT}`],
    ['journalctl short-monotonic', `[  123.456789] jarvis kernel: ${TEXT}`],
    ['/dev/kmsg', `3,1200,123456789,-;${TEXT}`],
    ['/dev/kmsg with the caller', `3,1200,123456789,-,caller=T17;${TEXT}`],
  ])('%s', (_, line) => {
    const record = read(line);

    expect(record).toMatchObject({ kind: 'record', text: TEXT });
    expect(record).toHaveProperty('uptime', expect.closeTo(123.457, 2));
  });

  test('keeps the priority where there is one', () => {
    expect(read(`<3>[  123.456789] ${TEXT}`)).toMatchObject({ priority: 3 });
    expect(read(`user  :warn  : [  123.456789] ${TEXT}`)).toMatchObject({ priority: 12 });
    expect(read(`[  123.456789] ${TEXT}`)).toMatchObject({ priority: undefined });
  });

  test('keeps the sequence of /dev/kmsg, and skips its dictionaries', () => {
    expect(read(`3,1200,123456789,-;${TEXT}`)).toMatchObject({ sequence: 1200 });
    expect(read(`3,1200,123456789,-;${TEXT}`, ' SUBSYSTEM=acpi')).toEqual({ kind: 'foreign' });
  });
});

describe('a line of the kernel with a wall clock only', () => {
  test.each([
    ['dmesg -T', `[Sun Nov 30 13:31:02 2025] ${TEXT}`, '2025-11-30 13:31:02'],
    ['dmesg --time-format iso', `2025-11-30T13:31:02,123456-07:00 ${TEXT}`, '2025-11-30 13:31:02'],
    ['dmesg -e', `[Nov30 13:31] ${TEXT}`, 'Nov 30 13:31:00'],
    ['syslog', `Nov 30 13:31:02 jarvis kernel: ${TEXT}`, 'Nov 30 13:31:02'],
    ['journalctl short-precise', `Nov 30 13:31:02.123456 jarvis kernel: ${TEXT}`, 'Nov 30 13:31:02'],
    ['journalctl short-iso', `2025-11-30T13:31:02-0700 jarvis kernel: ${TEXT}`, '2025-11-30 13:31:02'],
    ['journalctl short-iso-precise', `2025-11-30T13:31:02.123456-0700 jarvis kernel: ${TEXT}`, '2025-11-30 13:31:02'],
    ['journalctl short-full', `Sun 2025-11-30 13:31:02 MST jarvis kernel: ${TEXT}`, '2025-11-30 13:31:02'],
    ['journalctl short-unix', `1764509462.123456 jarvis kernel: ${TEXT}`, '2025-11-30 13:31:02'],
  ])('%s', (_, line, wall) => {
    const record = read(line);

    expect(record).toMatchObject({ kind: 'record', text: TEXT });
    expect(record).not.toHaveProperty('uptime');
    expect(record?.kind === 'record' && record.wall !== undefined && formatWall(record.wall)).toBe(wall);
  });

  test('adds up the differences of dmesg -e', () => {
    const record = read('[Nov30 13:31] first', '[  +1.500000] second', `[  +0.500000] ${TEXT}`);

    expect(record?.kind === 'record' && record.wall !== undefined && formatWall(record.wall)).toBe('Nov 30 13:31:02');
  });

  test('is left out where dmesg only gives differences', () => {
    expect(read(`[<    0.000012>] ${TEXT}`)).toEqual({ kind: 'record', text: TEXT, priority: undefined });
  });

  test('goes on into a new year without one', () => {
    const readLine = createLineReader();
    const [december, january] = ['Dec 31 23:59:59', 'Jan  1 00:00:01'].map((stamp) =>
      readLine(`${stamp} jarvis kernel: ${TEXT}`),
    );

    expect(
      january?.kind === 'record' && december?.kind === 'record' && Number(january.wall) - Number(december.wall),
    ).toBe(2_000);
  });
});

describe('everything else', () => {
  test.each(['-- Boot 0123456789abcdef0123456789abcdef --', '-- Reboot --'])('%s begins a boot', (line) => {
    expect(read(line)).toMatchObject({ kind: 'boot' });
  });

  test.each([
    TEXT,
    '\t(detected by 1, t=5252 jiffies, g=4141, q=12)',
    'Foo 30 13:31:02 jarvis kernel: x',
    '[nothing] of a stamp',
  ])('%j is kept as it is', (line) => {
    expect(read(line)).toEqual({ kind: 'bare', text: line });
  });
});
