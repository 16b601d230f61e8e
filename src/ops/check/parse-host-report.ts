/** Reads the line of host-report.sh. What is not exactly of its form is no report: half of one would be taken for health. */
import type { HostReport } from './host-report.js';

type Reader<T> = (value: unknown, at: string) => T;

class NotAReport extends Error {}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80));

/** The report, or in one line why it is none. */
export function parseHostReport(text: string): HostReport | string {
  try {
    return whole(JSON.parse(text), 'report');
  } catch (error) {
    if (error instanceof NotAReport) return error.message;
    // JSON.parse throws nothing else. Its own words quote the text, which may be long.
    if (error instanceof SyntaxError) return `expected one line of JSON, got ${show(text)}`;
    throw error;
  }
}

function plain<T>(expected: string, is: (value: unknown) => value is T): Reader<T> {
  return (value, at) => {
    if (is(value)) return value;
    throw new NotAReport(`field '${at}': expected ${expected}, got ${show(value)}`);
  };
}

const text = plain('a text', (value): value is string => typeof value === 'string');
const truth = plain('true or false', (value): value is boolean => typeof value === 'boolean');
const integer = plain('a whole number', (value): value is number => Number.isSafeInteger(value));
const count = plain(
  'a whole number from 0',
  (value): value is number => Number.isSafeInteger(value) && typeof value === 'number' && value >= 0,
);
const rules = plain('present or missing', (value) => value === 'present' || value === 'missing');
const one = plain('version 1, which this release reads', (value): value is 1 => value === 1);

const maybe =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, at) =>
    value === null ? null : read(value, at);

const list =
  <T>(read: Reader<T>): Reader<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw new NotAReport(`field '${at}': expected a list, got ${show(value)}`);
    return value.map((each, index) => read(each, `${at}[${index}]`));
  };

/** Fields that it does not know are passed over: a form that means something else has another version. */
function object<T>(fields: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new NotAReport(`field '${at}': expected an object, got ${show(value)}`);
    const given = new Map(Object.entries(value));
    const read = Object.entries<Reader<unknown>>(fields).map(([name, reader]) => [name, reader(given.get(name), name)]);
    // Each field was read by the reader of its name.
    return Object.fromEntries(read) as T;
  };
}

const whole = object<HostReport>({
  report: one,
  node: maybe(text),
  bootId: maybe(text),
  uptimeSeconds: maybe(count),
  epochSeconds: maybe(count),
  clockSynchronized: maybe(truth),
  clusterIpRules: maybe(rules),
  calicoBeforeBoot: maybe(truth),
  sandboxNamesReserved: maybe(count),
  datastore: maybe(object({ locked: count, canceled: count })),
  watchdog: maybe(object({ budgetLeft: maybe(count), held: maybe(truth), silentSeconds: maybe(count) })),
  disks: maybe(list(object({ path: text, freePercent: maybe(count), readOnly: maybe(truth) }))),
  rebootRequired: maybe(truth),
  pending: maybe(list(text)),
  runningKernel: maybe(text),
  newestKernel: maybe(text),
  certificates: maybe(list(object({ path: text, daysLeft: maybe(integer) }))),
});
