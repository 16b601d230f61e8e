/** What a review says beside its changes. */
import { describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import { markdownReport } from '../../../src/ops/change/markdown.js';
import { type Report, reportOf, statusOf, summaryOf } from '../../../src/ops/change/report.js';
import { textReport } from '../../../src/ops/change/text.js';

const EMPTY = readTree(new Map(), '');
const NONE = reportOf({ base: 'a', head: 'b' }, EMPTY, EMPTY);
const text = (report: Report): string => textReport(report, 24, (_, plain) => plain).join('\n');

const forbidden = (name: string) => ({
  subject: `ConfigMap work/${name}`,
  why: `get ConfigMap work/${name}: forbidden`,
});

test('an ApplicationSet is named: the Applications that it makes are in no file', () => {
  const files = new Map([
    [
      'sets/all.yaml',
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\n',
    ],
  ]);
  const tree = readTree(files, '');

  expect(reportOf({ base: 'a', head: 'b' }, EMPTY, tree).notRendered).toEqual([
    'all: the Applications that this ApplicationSet makes',
  ]);
  expect(reportOf({ base: 'a', head: 'b' }, tree, EMPTY).notRendered).toHaveLength(1);
});

describe('what could not be told', () => {
  const untold = { ...NONE, unknown: [forbidden('one'), forbidden('two'), { subject: 'Pod x', why: 'timed out' }] };

  test('is not no change', () => {
    expect([summaryOf(NONE), statusOf(NONE)]).toEqual(['no change', 0]);
    expect([summaryOf(untold), statusOf(untold)]).toEqual(['no change seen, 3 cannot be told', 2]);
  });

  test('is said with its reason, and what has the same reason once', () => {
    const lines = ['ConfigMap work/one and ConfigMap work/two: get ConfigMap work/…: forbidden', 'Pod x: timed out'];

    expect(text(untold)).toContain(['CANNOT TELL', ...lines.map((line) => `    ${line}`)].join('\n'));
    for (const line of lines) expect(markdownReport(untold, 24)).toContain(`- \`${line}\`\n`);
  });
});

test('what was worked out and not asked is said', () => {
  const predicted = { ...NONE, predicted: 2 };

  expect(text(predicted)).toMatch(/of 2 objects, what an apply makes of it was worked out here/);
  expect(markdownReport(predicted, 24)).toMatch(/of 2 objects, what an apply makes of it was worked out here/);
});

test('a host says first what waits for a person, and many files of a folder as one line', () => {
  const files = ['a', 'b', 'c', 'd'].map((name) => `brings /usr/local/lib/x/${name}`);
  const host = {
    cluster: '',
    group: 'g',
    hosts: ['lamp'],
    afterReboot: ['kernel argument nosmt'],
    afterRestart: ['k3s reads'],
  };

  expect(text({ ...NONE, hosts: [{ ...host, done: [...files, 'brings /etc/one'] }] })).toContain(
    [
      'lamp  (g)',
      '    after a reboot by hand: kernel argument nosmt',
      '    after a restart by hand: k3s reads',
      '    brings 4 files of /usr/local/lib/x/',
      '    brings /etc/one',
    ].join('\n'),
  );
});
