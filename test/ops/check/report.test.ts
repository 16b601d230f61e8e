import { expect, test } from 'vitest';
import { diagnosisOf } from '../../../src/ops/check/diagnosis.js';
import { markdownReport } from '../../../src/ops/check/markdown.js';
import { type CheckReport, jsonReport } from '../../../src/ops/check/report.js';
import { type Cause, type CheckResult, verdictOf } from '../../../src/ops/check/result.js';
import { saying } from '../../../src/ops/check/saying.js';
import { textReport } from '../../../src/ops/check/text.js';
import { homelab, pvek8s } from '../../support/clusters.js';

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

const report = (
  results: readonly CheckResult[],
  node: string | null = null,
  only: CheckReport['only'] = null,
): CheckReport => ({
  ...{ cluster: 'pvek8s', node, only, results },
  diagnosis: diagnosisOf(pvek8s(), results),
});
const text = (results: readonly CheckResult[], only: CheckReport['only'] = null, node: string | null = null) =>
  textReport(report(results, node, only)).join('\n');

test('a healthy cluster is a line, and one more for each check', () => {
  expect(text([NODES, ...LEASES])).toBe(
    [
      'pvek8s: healthy (2 passed)',
      'pass    nodes          all 3 described, and no other, Ready',
      'pass    lease-holders  Lease kube-system/kube-scheduler and Lease kube-system/kube-controller-manager',
    ].join('\n'),
  );
});

test('what is said of some hosts alone is said with whom it is of', () => {
  const waits = (node: string, why: string) => saying('reboot-pending').pass(`host ${node}`, `a reboot waits: ${why}`);

  expect(text([waits('k8s01', 'kernel 6.8 is installed')])).toMatch(
    /^pass +reboot-pending +host k8s01: a reboot waits: kernel 6\.8 is installed$/m,
  );
  expect(text([waits('k8s01', 'kernel 6.8 is installed'), waits('k8s02', 'the distribution asks for it')])).toMatch(
    /^pass +reboot-pending +host k8s01 and host k8s02: a reboot waits$/m,
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

test('whom it is about is named where it is one thing, and left to the names of all where it is several', () => {
  const held = (name: string) =>
    saying('budgets').fail(`budget ${name}`, { found: `no room (web-${name})`, next: 'n' });

  expect(text([held('a')])).toContain('found     no room (web-a)');
  expect(text([held('a'), held('b')])).toMatch(/^fail {4}budgets: budget a and budget b\n {2}found {5}no room$/m);
});

test('the same of two expectations, or of two causes, is two findings', () => {
  const failed = (expected: string, node: string | null) =>
    saying('rules').fail(`host ${node}`, {
      ...{ expected, found: 'f', next: 'n' },
      cause: node === null ? null : { id: 'rc-2', node },
    });

  expect(text([failed('one', null), failed('two', null)]).match(/^fail/gm)).toHaveLength(2);
  expect(text([failed('one', 'k8s01'), failed('one', 'k8s02')]).match(/^fail/gm)).toHaveLength(2);
});

test('a command that stands above is not said again, and one for another node is', () => {
  const restart = 'sudo snap restart microk8s.daemon-kubelite';
  const failed = (node: string, on: string) =>
    saying(node).fail(node, { found: 'f', next: `on ${on}: ${restart}`, cause: { id: 'rc-2', node } });
  const orphans = saying('jiva').fail('pods', {
    ...{ found: 'f', next: 'kubectl delete pod x' },
    cause: { id: 'jiva-orphans', node: 'k8s02' },
  });

  expect(text([failed('k8s02', 'k8s02'), orphans])).not.toContain('next');
  expect(text([failed('k8s02', 'k8s01')])).toContain(`next      on k8s01: ${restart}`);
});

test('a command with a word behind it is not given another', () => {
  const failed = (name: string) => saying('x').fail(name, { found: 'f', next: 'kubectl get a   # and look' });

  expect(text([failed('a'), failed('b')])).toMatch(/next {6}kubectl get a {3}# and look$/);
});

test('one root cause is one, and an act names all that it answers', () => {
  const failed = (id: Cause['id']) => saying(id).fail('it', { found: 'f', next: '', cause: { id, node: 'attic' } });
  const all = (['rc-1', 'rc-2', 'rc-3', 'kubelet-stall', 'datastore'] as const).map(failed);
  const attic = { ...homelab().controlPlane, name: 'attic' };
  const cluster = { ...homelab(), controlPlane: attic, nodes: [attic] };
  const of = (results: readonly CheckResult[]) =>
    textReport({ cluster: 'a', node: null, only: null, results, diagnosis: diagnosisOf(cluster, results) });

  expect(of(all.slice(0, 1))).toContain('root cause');
  expect(of(all)).toContain('  answers RC-1, RC-2, RC-3, kubelet and datastore, on attic');
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
  expect(text([NODES], null, 'k8s02')).toContain('pvek8s: k8s02 may go down (1 passed)');
  expect(text([STALL, UNKNOWN], null, 'k8s02')).toContain('pvek8s: k8s02 must not go down now');
  expect(text([NODES, UNKNOWN], null, 'k8s02')).toContain('k8s02 must not go down: it cannot be told');
});

test('a check of which one thing failed is not among those that passed', () => {
  const half = [...LEASES, saying('lease-holders').fail('Lease x', { found: 'gone', next: 'look' })];

  expect(text(half)).not.toMatch(/^pass/m);
  expect(text(half)).toContain('(1 failed)');
});

test('checks that alone were asked for say nothing of the others, and each thing that passed has its line', () => {
  const only = ['lease-holders'];

  expect(text(LEASES, only)).toMatch(/^pvek8s: nothing wrong in what was asked \(1 passed\)\n/);
  expect(text(LEASES, only, 'k8s02')).toMatch(/^pvek8s: k8s02 may go down, as far as was asked \(1 passed\)\n/);
  expect(text([STALL], ['scheduler-stall'], 'k8s02')).toContain('k8s02 must not go down now');
  expect(JSON.parse(jsonReport(report(LEASES, null, only)).join('\n'))).toMatchObject({ only, verdict: 'pass' });
  expect(text(LEASES, only)).toContain(
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

test('markdown tells what an incident did, keeps a cell on its line, and says where a cause of no node is', () => {
  const budget = saying('jiva').fail('pods', {
    ...{ found: 'one\ntwo', next: 'n', incident: { anchor: 'a', did: 'six hung' } },
    cause: { id: 'jiva-budget', node: null },
  });
  const lines = markdownReport(report([budget])).join('\n');

  expect(lines).toContain('- **Jiva budget** on the cluster: ');
  expect(lines).toContain('| one two | six hung (docs/incidents.md#a) | n |');
});

test('json has the verdict, the causes and every result', () => {
  const read = JSON.parse(jsonReport(report([NODES, STALL], 'k8s01')).join('\n'));

  expect(read).toMatchObject({
    ...{ cluster: 'pvek8s', node: 'k8s01', only: null, verdict: 'fail' },
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
