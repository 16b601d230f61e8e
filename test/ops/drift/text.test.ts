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

test('of very many, the worst are told whole, and all others by name and number', () => {
  const lines = (number: number) => {
    const others = Array.from(
      { length: number },
      (_, index): Finding => ({ ...MISSING, id: 'field-changed', subject: `ConfigMap n/c${index}`, what: `${index}` }),
    );
    return textReport({ ...EMPTY, findings: [MISSING, ...others] });
  };

  expect(lines(9).join()).not.toContain('In short');
  expect(lines(59)[2]).toContain('object-missing');
  expect(lines(59).at(-1)).toBe(
    '  field-changed, 52: ConfigMap n/c7, ConfigMap n/c8, ConfigMap n/c9, ConfigMap n/c10, ConfigMap n/c11, ConfigMap n/c12, ConfigMap n/c13, ConfigMap n/c14 and 44 more',
  );
  expect(lines(59).length).toBeLessThan(50);
});

test('what one of several Applications needs is not told as if it were all that is to do', () => {
  const stuck = (name: string): Finding => ({
    ...MISSING,
    subject: name,
    next: ['mend it, then:', `kubectl look ${name}`],
  });

  expect(textReport({ ...EMPTY, findings: [stuck('a'), stuck('b')] }).slice(-2)).toEqual([
    '  next: mend it, then:',
    '  next: kubectl look a  # and so for the others',
  ]);
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
