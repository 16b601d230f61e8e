import { expect, test } from 'vitest';
import { markdownReport } from '../../../src/ops/drift/markdown.js';
import { type Finding, type Report, statusOf } from '../../../src/ops/drift/report.js';
import { textReport } from '../../../src/ops/drift/text.js';

const EMPTY: Report = {
  cluster: 'attic',
  findings: [],
  unknown: [],
  notLookedAt: [],
  looked: { objects: 12, applications: 3, hosts: 1 },
  predicted: 0,
};

const MISSING: Finding = {
  id: 'object-missing',
  subject: 'PrometheusRule monitoring/a',
  application: 'selfheal-alerts',
  what: 'it is missing',
  fields: [],
  argo: 'creates it again within seconds: self-heal is on',
  next: ['what is to stay belongs into the description: selfheal synth, commit'],
};

const FULL: Report = {
  ...EMPTY,
  findings: [
    MISSING,
    { ...MISSING, subject: 'PrometheusRule monitoring/b' },
    {
      id: 'field-changed',
      subject: 'Deployment kube-system/coredns',
      application: 'selfheal-coredns',
      what: '2 fields are not as described',
      fields: [
        {
          path: 'spec.replicas',
          described: 2,
          live: 1,
          writer: { manager: 'kubectl', operation: 'Update', subresource: 'scale', time: null },
        },
        { path: 'data."run.sh"', described: `${'x'.repeat(90)}old`, live: `${'x'.repeat(90)}new`, writer: null },
      ],
      argo: 'leaves it until somebody syncs: automated sync of selfheal-coredns is off. Then Git wins',
      next: ['kubectl -n argocd patch application selfheal-coredns'],
    },
  ],
  unknown: ['a', 'b', 'c'].map((name) => ({
    subject: `ConfigMap kube-system/${name}`,
    why: `get ConfigMap kube-system/${name}: 403 Forbidden: configmaps "${name}" is forbidden: User "reader" cannot get resource "configmaps"`,
  })),
  notLookedAt: [{ application: 'selfheal-monitoring', why: 'chart kube-prometheus-stack 88.5.3' }],
  predicted: 9,
};

test('a cluster in step is one line', () => {
  expect(textReport(EMPTY)).toEqual(['attic: in step (12 objects, 3 Applications, 1 host)']);
});

test('a report reads as an operator needs it', async () => {
  await expect(`${textReport(FULL).join('\n')}\n`).toMatchFileSnapshot('./report.txt');
});

test('the same in Markdown', async () => {
  await expect(`${markdownReport(FULL).join('\n')}\n`).toMatchFileSnapshot('./report.md');
});

test('two long texts are shown where they differ', () => {
  const [line] = textReport(FULL).filter((each) => each.includes('run.sh'));

  expect(line).toMatch(/described …"x+old", live …"x+new"/);
});

test('what could not be told never ends as clean, and drift wins over it', () => {
  expect(statusOf(EMPTY)).toBe(0);
  expect(statusOf({ ...EMPTY, unknown: FULL.unknown })).toBe(2);
  expect(statusOf(FULL)).toBe(1);
  expect(textReport({ ...EMPTY, unknown: FULL.unknown })[0]).not.toContain('in step');
});
