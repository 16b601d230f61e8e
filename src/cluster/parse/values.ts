/** Parsers for the values that a spec is made of. Each turns a text into a type that cannot be wrong. */
import { isIPv4, isIPv6 } from 'node:net';
import type { ClockTime } from '../clock-time.js';
import { type Duration, formatDuration, tryReadDuration } from '../duration.js';
import { type ImageReference, tryReadImage } from '../image.js';
import { show } from './issue.js';
import { FAILED, fail, matching, oneOf, type Parser, text } from './parser.js';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export const dnsLabel = matching('a DNS label (lower-case letters, digits and "-", at most 63)', DNS_LABEL);

export const dnsLabelPrefix = matching('lower-case letters, digits and "-", at most 20', /^[a-z][-a-z0-9]{0,19}$/);

/** CronJob names leave room for the suffix of their Jobs. */
export const cronJobName = matching('a DNS label of at most 52', /^[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?$/);

/** Longhorn's own limit. */
export const longhornJobName = matching('a DNS label of at most 40', /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);

const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const dnsSubdomain = matching('a DNS name (lower-case labels joined by ".", at most 253)', DNS_SUBDOMAIN);

export const word = matching('one word without blanks', /^[!-~]+$/);

/** Segments that are neither empty nor `.` nor `..`, so that a path cannot climb out of where it is put. */
const SEGMENTS = /^(?!(.*\/)?\.{1,2}(\/|$))[^\s:/]+(\/[^\s:/]+)*$/;

export const absolutePath = text('an absolute path, plain and without blanks, e.g. "/srv/nfs"', (value) =>
  value.startsWith('/') && SEGMENTS.test(value.slice(1)) ? value : undefined,
);

export const relativePath = matching('a relative path, plain and without blanks, e.g. "dist/attic"', SEGMENTS);

const SYSTEM_FOLDERS = 'bin boot dev etc home lib lib64 mnt opt proc root run sbin srv sys tmp usr var'.split(' ');

/** What rsync may fill and empty: never a whole file system and never one of the system's own top folders. */
export const mirrorPath = text('an absolute path of a folder for this alone, e.g. "/backup/local-path"', (value) =>
  isOwnFolder(value) ? value : undefined,
);

function isOwnFolder(value: string): boolean {
  const inner = value.slice(1);
  return value.startsWith('/') && SEGMENTS.test(inner) && !SYSTEM_FOLDERS.includes(inner);
}

/** The same for a folder of snapshots, as the program there reads its path: a word that no shell looks at twice. */
export const snapshotsPath = text(
  'an absolute path of a folder for this alone, of letters, digits and "._=%,+@-", e.g. "/backup/snapshots"',
  (value) => (isOwnFolder(value) && /^[A-Za-z0-9._=/%,+@-]+$/.test(value) ? value : undefined),
);

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/;

function isHost(value: string): boolean {
  if (value.includes(':')) return isIPv6(value) && !value.includes('%');
  return HOST_NAME.test(value) && (isIPv4(value) || !/^[\d.]+$/.test(value));
}

export const hostName = text('a host name or an IP address', (value) => (isHost(value) ? value : undefined));

export const hostAndPort = text('a host and a port, e.g. "nas.lan:9115"', (value) => {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(value) ?? [];
  return isHost(host) && !host.includes(':') && Number(port) >= 1 && Number(port) <= 65_535 ? value : undefined;
});

/** A Secret in the cluster. */
export const secretName = unshown('the name of a Secret, e.g. "backup-key"', DNS_SUBDOMAIN);

/** A key in its data. */
export const secretKey = unshown('a key of a Secret, e.g. "id_ed25519"', /^(?!\.{1,2}$)[-._A-Za-z0-9]{1,253}$/);

/** A file that holds one, on some host; written into a file of settings as it stands. */
export const secretFile = unshown(
  'the absolute path of a file, e.g. "/etc/selfheal/webhook.url"',
  /^(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9._@%+=-]+)+$/,
);

/** Where somebody might put the secret itself: what is wrong is not shown. */
function unshown(expectation: string, pattern: RegExp): Parser<string> {
  return (value, path, issues) => {
    if (typeof value !== 'string') return fail(issues, path, expectation, value);
    if (pattern.test(value)) return value;
    issues.push({ path, message: `expected ${expectation}, got a text of ${value.length} characters (not shown)` });
    return FAILED;
  };
}

/** A claim, as people name a local-path volume: its folder's name has a part that nobody chose. */
export const volume = matching(
  'a namespace and a claim, e.g. "home/home-assistant"',
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
);

/** One line, without blanks and quotes: it becomes a word of a command. */
export const hookUrl = text(
  'an http or https URL without a password, e.g. "http://home-assistant.home:8123/api/services/recorder/disable"',
  (value) => {
    if (!/^https?:\/\/(?!\/)[^\s"'\\`$@]+$/.test(value) || !URL.canParse(value)) return undefined;
    const { hostname } = new URL(value);
    return isHost(hostname.replace(/^\[(.*)\]$/, '$1')) ? value : undefined;
  },
);

export const hookBody = text('JSON as a text, e.g. "{}"', (value) => {
  try {
    JSON.parse(value);
    return value;
  } catch {
    // Not JSON: the message says so.
    return undefined;
  }
});

export const region = matching('a region, e.g. "us-east-1"', /^[a-z0-9][-a-z0-9]*$/);

/** Names of other things begin with it, and none of them may be longer than 63. */
export const clusterName = matching('a DNS label of at most 40', /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);

export const userName = matching('a login name, e.g. "backup"', /^[a-z_][-a-z0-9_]{0,31}$/);

export const url = matching(
  'a URL without a password, e.g. "https://git.example/me/cluster.git"',
  /^(https?|ssh|file|git):\/\/(?![^/?#]*:[^/?#]*@)\S+$|^[\w.-]+@[\w.-]+:\S+$/,
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

export const moduleParameter = matching(
  'a kernel module and its parameter, e.g. "rcupdate.rcu_normal"',
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_]+$/,
);

export const parameterValue = matching(
  'the value of a module parameter, one plain word in quotes',
  /^[A-Za-z0-9_.,:/@+-]+$/,
);

export const sshHostKey = matching(
  'the type and the text of a public host key, without name or comment, e.g. "ssh-ed25519 AAAA…"',
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp256) AAAA[A-Za-z0-9+/]{40,}={0,2}$/,
);

export const version = matching('a version with three numbers, e.g. "1.11.3"', /^\d+\.\d+\.\d+$/);

export const ubuntuRelease = matching('an Ubuntu release, e.g. "26.04"', /^\d{2}\.(04|10)$/);

export const image: Parser<ImageReference> = text(
  'an image with a tag that does not move, or a digest, e.g. "docker.io/library/alpine:3.21"',
  tryReadImage,
);

/** A duration between two bounds, both included. */
export function duration(min: string, max: string): Parser<Duration> {
  const [low, high] = [tryReadDuration(min), tryReadDuration(max)];
  if (low === undefined || high === undefined)
    throw new Error(`duration bounds: expected two durations, e.g. "20min", got ${show([min, max])}`);
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

export const weekday = oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');

/** Made once: each description has several, and Intl makes the list anew each time. */
const ZONES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));

export const timeZone: Parser<string> = text(
  'an IANA time zone, e.g. "America/Edmonton"',
  (value) => {
    // Abbreviations such as MST are accepted by Intl, but know no daylight saving time.
    if (!/^(UTC|[A-Z][A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/.test(value)) return undefined;
    // The list lacks aliases, but costs a quarter of the first DateTimeFormat, which costs as much as all other parsing.
    if (ZONES.has(value)) return value;
    try {
      const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions();
      // Intl takes any case; the hosts' and Kubernetes' zone files do not.
      return known !== value && known.toLowerCase() === value.toLowerCase() ? undefined : value;
    } catch {
      // RangeError: no such zone.
      return undefined;
    }
  },
  () => [...ZONES],
);
