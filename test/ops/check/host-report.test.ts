import { expect, test } from 'vitest';
import { minutes } from '../../../src/cluster/duration.js';
import { readHostReport } from '../../../src/ops/check/host-report.js';

const NOW = Date.parse('2026-06-05T09:10:00Z');
const BOOT = '0f1e2d3c-4b5a-4697-8877-665544332211';
const REPORT = {
  report: 1,
  node: 'attic',
  bootId: BOOT,
  uptimeSeconds: 5000,
  epochSeconds: 1795336718,
  clockSynchronized: true,
  clusterIpRules: 'present',
  calicoBeforeBoot: null,
  sandboxNamesReserved: 0,
  datastore: { locked: 0, canceled: 1 },
  watchdog: { budgetLeft: 3, held: false, silentSeconds: null },
  disks: [{ path: '/', freePercent: 22, readOnly: false }],
  rebootRequired: false,
  pending: ['kernel'],
  runningKernel: '6.8.0-31-generic',
  newestKernel: '6.8.0-40-generic',
  certificates: [{ path: '/tls/a.crt', daysLeft: -2 }],
};

const line = (ago: number, report: object | string = REPORT): string =>
  `${new Date(NOW - ago * 1000).toISOString()} report ${typeof report === 'string' ? report : JSON.stringify(report)}\n`;
const read = (log: string) => readHostReport(log, { node: 'attic', bootId: BOOT, now: NOW, every: minutes(5) });
const why = (log: string): string => {
  const answer = read(log);
  return answer.ok ? 'told' : answer.failure.message;
};

test('a whole report is read as it stands, among whatever else is in the log', () => {
  expect(read(`${line(900, '{}')}2026-06-05T09:00:00Z kept /a\n${line(9)}2026-06-05T09:09:59Z drifted /b\n`)).toEqual({
    ok: true,
    value: REPORT,
  });
});

test('a log without one is no health', () => {
  expect(why('')).toContain('none in the log of its node-bootstrap pod');
  expect(why('report {"report":1}\n')).toContain('none in the log');
});

test('the newest counts, and an older one never stands in for it', () => {
  expect(why(line(9) + line(5, '{"report":1,'))).toMatch(/expected one line of JSON/);
  expect(why(line(9) + line(5, { ...REPORT, bootId: 'other' }))).toMatch(/of another boot, "other"/);
});

test('one that is older than two looks is none, by the API server’s clock', () => {
  expect(why(line(600))).toBe('told');
  expect(why(line(601))).toMatch(
    /^the report of host attic: it is 10 min 1 s old, and there is to be one every 5 minutes/,
  );
});

test('one from the future is of a clock that is off', () => {
  expect(why(line(-60))).toBe('told');
  expect(why(line(-61))).toMatch(/1 min 1 s ahead of the API server: its clock is off/);
});

test('one whose time is none is of no age', () => {
  expect(why(`2026-13-41T09:09:59Z report ${JSON.stringify(REPORT)}\n`)).toMatch(
    /expected a time before it in the log/,
  );
});

test('rules that are missing are told', () => {
  expect(read(line(9, { ...REPORT, clusterIpRules: 'missing' }))).toMatchObject({
    value: { clusterIpRules: 'missing' },
  });
});

test('another version is not read', () => {
  expect(why(line(9, { ...REPORT, report: 2 }))).toContain(
    "field 'report': expected version 1, which this release reads, got 2",
  );
});

test.each(Object.keys(REPORT))('a report without its field %s is none', (name) => {
  expect(why(line(9, { ...REPORT, [name]: undefined }))).toContain(`field '${name}': expected`);
});

test.each([
  ['uptimeSeconds', -1],
  ['uptimeSeconds', 1.5],
  ['clusterIpRules', 'maybe'],
  ['clockSynchronized', 'yes'],
  ['datastore', { locked: 0 }],
  ['disks', [{ path: '/', freePercent: '22', readOnly: false }]],
  ['pending', 'kernel'],
  ['certificates', [null]],
])('a report whose %s is %j is none', (name, value) => {
  expect(why(line(9, { ...REPORT, [name]: value }))).toMatch(/^the report of host attic: field '/);
});

test.each(['null', '[]', '"x"', '{"report":1}'])('%s is no report', (text) => {
  expect(why(line(9, `{"x":1}`))).not.toBe('told');
  expect(why(line(9, text.startsWith('{') ? text : `{"report":${text}}`))).not.toBe('told');
});
