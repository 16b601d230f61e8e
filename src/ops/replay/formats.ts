/**
 * Reads one line of a kernel log in any of the text formats that people keep them in.
 *
 * The format is told line by line, so that a file put together from several still reads. Only `journalctl -o
 * short-monotonic` needs memory: `[12.3] usb 1-1: reset` and `[12.3] jarvis sshd: hello` look alike until one line named
 * the host.
 */
import type { Line } from './kernel-record.js';
import { isoMillis, monthMillis, NO_YEAR } from './wall-clock.js';

const MONTH = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const CALLER = String.raw`(?:\[ *[TC]\d+\] ?)?`;

const KMSG = /^(\d{1,6}),(\d{1,15}),(\d{1,15}),[^;]*;(.*)$/;
const BOOT_MARK = /^-- (?:Boot ([0-9a-f]{32})|Reboot)\b.*--$/;
const JOURNAL_NOTE = /^-- .* --$/;

/** `<4>`, or `kern  :warn  : ` of dmesg --decode. */
const RAW_PRIORITY = /^<(\d{1,3})>/;
const DECODED_PRIORITY = /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d) *:([a-z]+) *: /;
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
];
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];

/** `[  123.456789]`, with dmesg's or journalctl's delta, and the caller where the kernel prints it. */
const UPTIME = new RegExp(String.raw`^\[ *(\d{1,10}\.\d{1,9})(?: *<[^>]{0,20}>)?\] ?${CALLER}`);
const HUMAN = new RegExp(String.raw`^\[${WEEKDAY} ${MONTH} ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})\] ?${CALLER}`);
const RELATIVE_MINUTE = new RegExp(String.raw`^\[${MONTH} ?([ \d]\d) (\d\d:\d\d)\] ?${CALLER}`);
const RELATIVE_DELTA = new RegExp(String.raw`^\[ *\+(\d{1,10}\.\d{1,9})\] ?${CALLER}`);

/** dmesg --time-format delta: how long after the line before, but not when. */
const DELTA_ONLY = /^\[< *\d{1,10}\.\d{1,9}>\] ?/;

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:([.,])(\d{1,9}))?(?:Z|[+-]\d\d:?\d\d)? /;
const RFC3164 = new RegExp(String.raw`^${MONTH} ([ \d]\d) (?:(\d{4}) )?(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? `);
const FULL = new RegExp(
  String.raw`^${WEEKDAY} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))? (?:[A-Z]{2,5}|[+-]\d\d) `,
);
const UNIX = /^(\d{9,11}\.\d{3,9}) /;
const RFC5424 =
  /^1 (\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d) \S+ (\S+) \S+ \S+ (?:-|(?:\[[^\]]*\])+) ?/;

/** After a syslog stamp: the host, busybox's `kern.warn`, the program. */
const SENDER = /^(\S+) (?:[a-z0-9]+\.[a-z]+ )?([^\s:[\]]+)(?:\[[^\]]*\])?: ?/;

/** After journalctl's monotonic stamp; a program with a number behind a host is in no line of dmesg. */
const MONOTONIC_SENDER = /^([\w.-]+) ([^\s:[\]]+)(\[\d+\])?: ?/;

const FOREIGN: Line = { kind: 'foreign' };

export function createLineReader(): (line: string) => Line {
  const seen = { host: '', kmsg: false, year: NO_YEAR, month: -1, relative: undefined as number | undefined };

  return function readLine(line: string): Line {
    if (seen.kmsg && line.startsWith(' ')) return FOREIGN; // The dictionary of a record.
    const kmsg = KMSG.exec(line);
    if (kmsg) {
      seen.kmsg = true;
      const [, priority, sequence, micros, text = ''] = kmsg;
      return {
        kind: 'record',
        text,
        uptime: Number(micros) / 1e6,
        priority: Number(priority),
        sequence: Number(sequence),
      };
    }
    if (line.startsWith('-- ')) {
      const mark = BOOT_MARK.exec(line);
      if (mark) return { kind: 'boot', id: mark[1] };
      if (JOURNAL_NOTE.test(line)) return FOREIGN;
    }
    const { priority, rest } = takePriority(line);
    return ofDmesg(rest, priority) ?? ofSyslog(rest, priority) ?? { kind: 'bare', text: rest };
  };

  function ofDmesg(line: string, priority: number | undefined): Line | undefined {
    if (!line.startsWith('[')) return undefined;
    const uptime = UPTIME.exec(line);
    if (uptime) {
      const text = line.slice(uptime[0].length);
      const sender = MONOTONIC_SENDER.exec(text);
      if (sender?.[2] === 'kernel' || sender?.[3] !== undefined) seen.host = sender[1] ?? '';
      if (sender && sender[1] === seen.host) {
        if (sender[2] !== 'kernel') return FOREIGN;
        return { kind: 'record', text: text.slice(sender[0].length), uptime: Number(uptime[1]), priority };
      }
      return { kind: 'record', text, uptime: Number(uptime[1]), priority };
    }
    const human = HUMAN.exec(line);
    if (human) {
      const [all, month = '', day = '', time = '', year] = human;
      return {
        kind: 'record',
        text: line.slice(all.length),
        wall: monthMillis(month, day, time, undefined, Number(year)),
        priority,
      };
    }
    const delta = DELTA_ONLY.exec(line);
    if (delta) return { kind: 'record', text: line.slice(delta[0].length), priority };
    const minute = RELATIVE_MINUTE.exec(line);
    const later = RELATIVE_DELTA.exec(line);
    const match = minute ?? later;
    if (!match) return undefined;
    if (minute) seen.relative = monthMillis(minute[1] ?? '', minute[2] ?? '', `${minute[3]}:00`);
    else if (seen.relative !== undefined) seen.relative += Number(later?.[1]) * 1_000;
    return { kind: 'record', text: line.slice(match[0].length), wall: seen.relative, priority };
  }

  function ofSyslog(line: string, priority: number | undefined): Line | undefined {
    const protocol = RFC5424.exec(line);
    if (protocol) {
      const [all, date = '', time = '', digits, program] = protocol;
      if (program !== 'kernel') return FOREIGN;
      return message(line.slice(all.length).replace(/^\xef\xbb\xbf/, ''), isoMillis(date, time, digits), priority);
    }
    const stamp = syslogStamp(line);
    if (!stamp) return undefined;
    const rest = line.slice(stamp.length);
    const sender = SENDER.exec(rest);
    // dmesg --time-format iso has a comma, and nobody's name behind it.
    if (stamp.comma && sender?.[2] !== 'kernel')
      return { kind: 'record', text: rest.replace(/^\[ *[TC]\d+\] ?/, ''), wall: stamp.wall, priority };
    if (sender?.[2] !== 'kernel') return FOREIGN;
    return message(rest.slice(sender[0].length), stamp.wall, priority);
  }

  function syslogStamp(line: string): { length: number; wall: number; comma: boolean } | undefined {
    const iso = ISO.exec(line);
    if (iso)
      return { length: iso[0].length, wall: isoMillis(iso[1] ?? '', iso[2] ?? '', iso[4]), comma: iso[3] === ',' };
    const rfc = RFC3164.exec(line);
    if (rfc) {
      const [all, month = '', day = '', year, time = '', digits] = rfc;
      const number = new Date(monthMillis(month, day, time)).getUTCMonth();
      if (number < seen.month - 6) seen.year += 1; // From December to January.
      seen.month = number;
      const wall = monthMillis(month, day, time, digits, year === undefined ? seen.year : Number(year));
      return { length: all.length, wall, comma: false };
    }
    const full = FULL.exec(line);
    if (full) return { length: full[0].length, wall: isoMillis(full[1] ?? '', full[2] ?? '', full[3]), comma: false };
    const unix = UNIX.exec(line);
    if (unix) return { length: unix[0].length, wall: Number(unix[1]) * 1_000, comma: false };
    return undefined;
  }
}

/** The kernel's own stamp may stand behind the one of syslog. */
function message(text: string, wall: number, priority: number | undefined): Line {
  const uptime = UPTIME.exec(text);
  return uptime
    ? { kind: 'record', text: text.slice(uptime[0].length), uptime: Number(uptime[1]), wall, priority }
    : { kind: 'record', text, wall, priority };
}

function takePriority(line: string): { readonly priority: number | undefined; readonly rest: string } {
  const raw = RAW_PRIORITY.exec(line);
  if (raw) return { priority: Number(raw[1]), rest: line.slice(raw[0].length) };
  const decoded = DECODED_PRIORITY.exec(line);
  if (!decoded) return { priority: undefined, rest: line };
  const facility = FACILITIES.indexOf(decoded[1] ?? '');
  const severity = SEVERITIES.indexOf(decoded[2] ?? '');
  return { priority: Math.max(facility, 0) * 8 + Math.max(severity, 0), rest: line.slice(decoded[0].length) };
}
