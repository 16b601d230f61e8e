/** Parsers for the values that a spec is made of. Each turns a text into a type that cannot be wrong. */
import type { ClockTime } from '../clock-time.js';
import { type Duration, formatDuration, tryReadDuration } from '../duration.js';
import { matching, type Parser, text } from './parser.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const dnsLabel = matching('a DNS label (lower-case letters, digits and "-", at most 63)', DNS_LABEL);

export const dnsLabelPrefix = matching('lower-case letters, digits and "-", at most 20', /^[a-z][-a-z0-9]{0,19}$/);

/** CronJob names leave room for the suffix of their Jobs. */
export const cronJobName = matching('a DNS label of at most 52', /^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/);

/** Longhorn's own limit. */
export const longhornJobName = matching('a DNS label of at most 40', /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);

export const dnsSubdomain = matching(
  'a DNS name (lower-case labels joined by ".", at most 253)',
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
);

export const anyText = matching('a text that is not empty', /\S/);

export const absolutePath = matching(
  'an absolute path without ".." or blanks, e.g. "/backup/local-path"',
  /^(?!.*\/\.\.(\/|$))\/[^\s:]*$/,
);

export const hostName = matching('a host name or an IP address', /^[A-Za-z0-9]([-A-Za-z0-9.:]{0,251}[A-Za-z0-9])?$/);

export const hostAndPort = matching('a host and a port, e.g. "nas.lan:9115"', /^[A-Za-z0-9][-A-Za-z0-9.]*:\d{1,5}$/);

export const userName = matching('a login name, e.g. "victor"', /^[a-z_][-a-z0-9_]{0,31}$/);

export const url = matching(
  'a URL, e.g. "https://git.example/me/cluster.git"',
  /^(https?|ssh|file|git):\/\/\S+$|^[\w.-]+@[\w.-]+:\S+$/,
);

export const labelValue = matching(
  'a label value (at most 63 letters, digits, "-", "_", ".")',
  /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
);

export const labelKey = matching(
  'a label key, e.g. "app.kubernetes.io/name"',
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
);

export const kernelArgument = matching(
  'one word of a kernel command line, e.g. "rcupdate.rcu_normal=1"',
  /^[A-Za-z0-9_.-]+(=[A-Za-z0-9_.,:/@+-]+)?$/,
);

export const sshHostKey = matching(
  'a public host key as in known_hosts without the name, e.g. "ssh-ed25519 AAAA…"',
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256) AAAA[A-Za-z0-9+/]{40,}={0,2}$/,
);

export const version = matching('a version with three numbers, e.g. "1.11.3"', /^\d+\.\d+\.\d+$/);

export const ubuntuRelease = matching('an Ubuntu release, e.g. "26.04"', /^\d{2}\.(04|10)$/);

/** A duration between two bounds, both included. */
export function duration(min: string, max: string): Parser<Duration> {
  const [low, high] = [tryReadDuration(min), tryReadDuration(max)];
  if (low === undefined || high === undefined) throw new Error(`duration bounds '${min}', '${max}': not durations`);
  const expectation = `a duration from ${formatDuration(low)} to ${formatDuration(high)} (units s, min, h, d)`;
  return text(expectation, (value) => {
    const parsed = tryReadDuration(value);
    return parsed && parsed.seconds >= low.seconds && parsed.seconds <= high.seconds ? parsed : undefined;
  });
}

export const timeOfDay: Parser<ClockTime> = text('a time of day from "00:00" to "23:59"', (value) => {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value);
  return match ? { hour: Number(match[1]), minute: Number(match[2]) } : undefined;
});

export const timeZone: Parser<string> = text('an IANA time zone, e.g. "America/Edmonton"', (value) => {
  // Abbreviations such as MST are accepted by Intl, but know no daylight saving time.
  if (!/^(UTC|[A-Z][A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/.test(value)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return value;
  } catch {
    // RangeError: no such zone.
    return undefined;
  }
});
