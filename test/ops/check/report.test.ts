import { expect, test } from 'vitest';
import { diagnosisOf } from '../../../src/ops/check/diagnosis.js';
import { markdownReport } from '../../../src/ops/check/markdown.js';
import { type CheckReport, jsonReport } from '../../../src/ops/check/report.js';
import { type CheckResult, verdictOf } from '../../../src/ops/check/result.js';
import { saying } from '../../../src/ops/check/saying.js';
import { textReport } from '../../../src/ops/check/text.js';
import { pvek8s } from '../../support/clusters.js';

const NODES = saying('nodes').pass('nodes of pvek8s', 'all 3 described, and no other, Ready');
const LEASES = ['kube-scheduler', 'kube-controller-manager'].map((name) =>
  saying('lease-holders').pass(`Lease kube-system/${name}`, 'k8s02, renewed 2 s ago'),
);
const STALL = saying('scheduler-stall').fail('pods that wait for a node', {
  expected: 'each pod looked at within 5 minutes',
  found: '46 without condition or event | the oldest for 4 h 20 min',
  next: 'kubectl get pods -A',
  incident: { anchor: 'pvek8s-rc-1-scheduler', did: 'nothing was scheduled' },
  cause: { id: 'rc-1', node: 'k8s02' },
});
const SANDBOXES = saying('sandbox-names').fail('host k8s02', {
  found: '3 names reserved',
  next: 'see the log',
  cause: { id: 'rc-3', node: 'k8s02' },
});
const UNKNOWN = saying('applications').unknown('Applications', { kind: 'forbidden', message: 'list Application: 403' });

const report = (results: readonly CheckResult[], node: string | null = null): CheckReport => ({
  ...{ cluster: 'pvek8s', node, results },
  diagnosis: diagnosisOf(pvek8s(), results),
});
const text = (results: readonly CheckResult[], full = false, node: string | null = null) =>
  textReport(report(results, node), { full }).join('\n');

test('a healthy cluster is a line, and one more for each check', () => {
  expect(text([NODES, ...LEASES])).toBe(
    [
      'pvek8s: healthy (2 passed)',
      'pass    nodes          all 3 described, and no other, Ready',
      'pass    lease-holders  Lease kube-system/kube-scheduler and Lease kube-system/kube-controller-manager',
    ].join('\n'),
  );
});

test('all root causes come first, then the act that answers most, then each finding, and last what passed', () => {
  expect(text([NODES, STALL, UNKNOWN, SANDBOXES])).toBe(
    [
      'pvek8s: not healthy (2 failed, 1 cannot be told, 1 passed)',
      '',
      '2 root causes',
      '  RC-1  k8s02  the scheduler renews its lease and schedules nothing',
      '  RC-3  k8s02  names of sandboxes are held by records of before the boot',
      'do first',
      '  answers RC-1 and RC-3, on k8s02',
      '    sudo snap restart microk8s.daemon-kubelite',
      '',
      'fail    scheduler-stall: pods that wait for a node',
      '  expected  each pod looked at within 5 minutes',
      '  found     46 without condition or event | the oldest for 4 h 20 min',
      '  cause     RC-1',
      '  once      nothing was scheduled (docs/incidents.md#pvek8s-rc-1-scheduler)',
      '  next      kubectl get pods -A',
      '',
      'fail    sandbox-names: host k8s02',
      '  found     3 names reserved',
      '  cause     RC-3',
      '  next      see the log',
      '',
      'unknown applications: Applications',
      '  why       list Application: 403',
      '  next      selfheal check --print-role | kubectl apply -f -   # by an administrator: the rights of the group selfheal-check',
      '',
      'pass    nodes            all 3 described, and no other, Ready',
    ].join('\n'),
  );
});

test('what is found of several things in the same words is said once, and so are an incident and the act above', () => {
  const found = (name: string) =>
    saying('applications').fail(`Application ${name}`, {
      expected: 'one that Argo CD has compared',
      found: 'sync Unknown',
      next: `kubectl describe ${name}`,
      incident: { anchor: 'a', did: 'all of them' },
    });
  const other = { ...found('c'), found: 'Degraded' };
  const rules = saying('cluster-ip-rules').fail('host k8s02', {
    found: 'rules missing',
    next: 'on k8s02: sudo snap restart microk8s.daemon-kubelite',
    cause: { id: 'rc-2', node: 'k8s02' },
  });

  expect(
    text([found('a'), found('b'), other, rules])
      .split('\n\n')
      .slice(2),
  ).toEqual([
    [
      'fail    applications: Application a and Application b',
      '  expected  one that Argo CD has compared',
      '  found     sync Unknown',
      '  once      all of them (docs/incidents.md#a)',
      '  next      kubectl describe a   # of Application a',
    ].join('\n'),
    [
      'fail    applications: Application c',
      '  expected  one that Argo CD has compared',
      '  found     Degraded',
      '  next      kubectl describe c',
    ].join('\n'),
    'fail    cluster-ip-rules: host k8s02\n  found     rules missing\n  cause     RC-2',
  ]);
});

test('what keeps several checks from telling is said once, with their names and not with everything they look at', () => {
  const away = { kind: 'unreachable', message: 'connect ECONNREFUSED' } as const;
  const untold = ['nodes', 'coredns'].map((name) => saying(name).unknown(`things of ${name}`, away));

  expect(text([...untold, UNKNOWN])).toBe(
    [
      'pvek8s: cannot be told (3 cannot be told)',
      '',
      'unknown nodes and coredns',
      '  why       connect ECONNREFUSED',
      '  next      ask again when the API server answers',
      '',
      'unknown applications: Applications',
      '  why       list Application: 403',
      '  next      selfheal check --print-role | kubectl apply -f -   # by an administrator: the rights of the group selfheal-check',
    ].join('\n'),
  );
});

test('two checks that fail with the same words are two findings', () => {
  const failed = ['host-disk', 'certificates'].map((name) =>
    saying(name).fail('host k8s02', { found: 'f', next: 'n' }),
  );

  expect(text(failed).match(/^fail .*$/gm)).toEqual([
    'fail    host-disk: host k8s02',
    'fail    certificates: host k8s02',
  ]);
});

test('of several acts the first stands alone, and each command on a line of its own', () => {
  const failed = (id: 'rc-1' | 'jiva-orphans', next: string) =>
    saying(id).fail('it', { found: 'f', next, cause: { id, node: 'k8s02' } });

  expect(text([failed('rc-1', 'look'), failed('jiva-orphans', 'kubectl delete pod x')]).split('\n\n')[1]).toBe(
    [
      '2 root causes',
      '  RC-1          k8s02  the scheduler renews its lease and schedules nothing',
      '  Jiva orphans  k8s02  pods that nobody owns stand in the way',
      'do first',
      '  answers RC-1, on k8s02',
      '    sudo snap restart microk8s.daemon-kubelite',
      'then ask again, and what is left of these',
      '  answers Jiva orphans',
      '    kubectl delete pod x',
    ].join('\n'),
  );
});

test('whether a node may go down is answered on the first line', () => {
  expect(text([NODES], false, 'k8s02')).toContain('pvek8s: k8s02 may go down (1 passed)');
  expect(text([STALL, UNKNOWN], false, 'k8s02')).toContain('pvek8s: k8s02 must not go down now');
  expect(text([NODES, UNKNOWN], false, 'k8s02')).toContain('k8s02 must not go down: it cannot be told');
});

test('a check of which one thing failed is not among those that passed', () => {
  const half = [...LEASES, saying('lease-holders').fail('Lease x', { found: 'gone', next: 'look' })];

  expect(text(half)).not.toMatch(/^pass/m);
  expect(text(half)).toContain('(1 failed)');
});

test('in full, each thing that passed has its line', () => {
  expect(text(LEASES, true)).toContain(
    'pass    lease-holders: Lease kube-system/kube-scheduler: k8s02, renewed 2 s ago\npass    lease-holders: Lease kube',
  );
});

test('markdown is one table whose cells cannot break it', () => {
  const lines = markdownReport(report([NODES, STALL]));

  expect(lines.join('\n')).toContain('1. on k8s02: `sudo snap restart microk8s.daemon-kubelite` (answers RC-1)');
  expect(lines.find((line) => line.startsWith('| fail'))).toContain('event \\| the oldest');
  expect(lines.filter((line) => line.startsWith('|')).map((line) => line.split(/(?<!\\)\|/).length)).toEqual([
    8, 8, 8, 8,
  ]);
});

test('json has the verdict, the causes and every result', () => {
  const read = JSON.parse(jsonReport(report([NODES, STALL], 'k8s01')).join('\n'));

  expect(read).toMatchObject({
    ...{ cluster: 'pvek8s', node: 'k8s01', verdict: 'fail' },
    diagnosis: { causes: [{ id: 'rc-1', node: 'k8s02', name: 'RC-1' }], actions: [{ node: 'k8s02' }] },
  });
  expect(read.results).toEqual([NODES, STALL]);
});

test('unknown is never taken for pass, and what is known to be wrong outweighs it', () => {
  expect(verdictOf([])).toBe('unknown');
  expect(verdictOf([NODES, UNKNOWN])).toBe('unknown');
  expect(verdictOf([NODES, UNKNOWN, STALL])).toBe('fail');
  expect(verdictOf([NODES])).toBe('pass');
});
