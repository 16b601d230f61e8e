import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import { upgradesAtWorkCheck } from '../../../../src/ops/check/checks/upgrades-at-work.js';
import { failure, live, lookOf, pod } from '../../../support/check-facts.js';
import { homelab, pvek8s } from '../../../support/clusters.js';

/** Upgrades are described for the one, and not for the other. */
const DESCRIBED = homelab();
const NOT_DESCRIBED = pvek8s();

const MARK = 'd00d';
const WORKERS = 'os-upgrade-workers';
const OF_A_PLAN = { 'upgrade.cattle.io/plan': WORKERS, 'upgrade.cattle.io/node': 'ultron' };

const job = (labels: Readonly<Record<string, string>>, ...ended: readonly string[]): LiveObject =>
  live('Job', 'system-upgrade/apply-workers-on-ultron', {
    metadata: { labels },
    status: { conditions: ended.map((type) => ({ type, status: 'True' })) },
  });

const podOf = (labels: Readonly<Record<string, string>>, phase = 'Running'): LiveObject =>
  pod('system-upgrade/apply-workers-on-ultron-x7k2p', {
    node: 'ultron',
    phase,
    labels: { 'job-name': 'apply-workers-on-ultron', ...labels },
  });

/** Of a workload that has nothing to do with it. */
const OTHER = pod('kube-system/coredns-1');

const plan = (...applying: readonly string[]): LiveObject =>
  live('Plan', `system-upgrade/${WORKERS}`, { status: { applying: [...applying], latestHash: MARK } });

const node = (mark?: string): LiveObject =>
  live('Node', 'ultron', {
    metadata: { labels: mark === undefined ? {} : { [`plan.upgrade.cattle.io/${WORKERS}`]: mark } },
  });

interface World extends Partial<Parameters<typeof lookOf>[1]> {
  readonly cluster?: Cluster;
  readonly down?: string | null;
}

const answer = ({ cluster = DESCRIBED, down = null, ...known }: World) =>
  upgradesAtWorkCheck.answer(
    lookOf({ cluster, node: down }, { jobs: [], pods: [OTHER], nodes: [node()], plans: [plan()], ...known }),
  );

describe('something of a Plan is at work', () => {
  test.each([null, 'jarvis', 'ultron'])('a Job that has not ended fails, whatever goes down: %s', (down) => {
    expect(answer({ jobs: [job(OF_A_PLAN)], down })).toMatchObject([
      {
        verdict: 'fail',
        subject: 'Job system-upgrade/apply-workers-on-ultron',
        found: 'Plan os-upgrade-workers is at work on node ultron, or waits for its turn',
        next: 'let it end: kubectl -n system-upgrade get job apply-workers-on-ultron',
      },
    ]);
  });

  test.each(['Suspended', 'FailureTarget'])('a Job with the condition %s has not ended', (condition) => {
    expect(answer({ jobs: [job(OF_A_PLAN, condition)] })).toMatchObject([{ verdict: 'fail' }]);
  });

  test('a pod that outlives its Job fails, though there is no Job at all', () => {
    expect(answer({ pods: [podOf(OF_A_PLAN)] })).toMatchObject([
      {
        verdict: 'fail',
        subject: 'Pod system-upgrade/apply-workers-on-ultron-x7k2p',
        found: 'Plan os-upgrade-workers is at work on node ultron, and its Job is gone',
      },
    ]);
  });

  test('a Job has not ended by a condition that it does not meet', () => {
    const conditions = ['Complete', 'Failed'].map((type) => ({ type, status: 'False' }));

    expect(answer({ jobs: [{ ...job(OF_A_PLAN), status: { conditions } }] })).toMatchObject([{ verdict: 'fail' }]);
  });

  test.each([
    ['of another name', 'system-upgrade/apply-workers-on-jarvis'],
    ['of that name in another namespace', 'elsewhere/apply-workers-on-ultron'],
  ])('a pod whose Job is gone fails beside a Job %s', (_, place) => {
    const other = { ...live('Job', place, { metadata: { labels: OF_A_PLAN } }), status: job({}, 'Complete').status };

    expect(answer({ jobs: [other as LiveObject], pods: [podOf(OF_A_PLAN)] })).toMatchObject([
      { verdict: 'fail', subject: 'Pod system-upgrade/apply-workers-on-ultron-x7k2p' },
    ]);
  });

  test('of a Job and its pod one is told', () => {
    expect(answer({ jobs: [job(OF_A_PLAN)], pods: [podOf(OF_A_PLAN)] })).toHaveLength(1);
  });
});

describe('what cannot be told', () => {
  test.each(['jobs', 'pods', 'nodes', 'plans'] as const)('is unknown without the %s', (kind) => {
    expect(answer({ [kind]: failure(`list ${kind}: 403`) })).toMatchObject([
      { verdict: 'unknown', found: `list ${kind}: 403` },
    ]);
  });

  test.each(['nodes', 'pods'] as const)('is unknown where there are no %s: no cluster is like that', (kind) => {
    expect(answer({ [kind]: [] })).toMatchObject([
      { verdict: 'unknown', found: `the cluster reports no ${kind.slice(0, -1)} at all` },
    ]);
  });

  test.each([
    ['none is there', []],
    ['none is there but in another namespace', [live('Plan', 'elsewhere/k3s')]],
  ])('is unknown where upgrades are described, and of Plans %s', (_, plans) => {
    expect(answer({ plans })).toMatchObject([
      { verdict: 'unknown', found: expect.stringContaining('there is none in system-upgrade') },
    ]);
  });

  test('is unknown where upgrades are described, and the kind is not installed', () => {
    expect(answer({ plans: failure('no Plan', 'unknown-kind') })).toMatchObject([{ verdict: 'unknown' }]);
  });

  test.each([
    ['no mark', node()],
    ['the mark of an earlier Plan', node('beef')],
    ['nothing: it is not there', live('Node', 'jarvis')],
  ])('is unknown where a Plan is at a node whose Job is gone, and which carries %s', (_, other) => {
    expect(answer({ plans: [plan('ultron')], nodes: [other] })).toMatchObject([
      {
        verdict: 'unknown',
        subject: 'Plan system-upgrade/os-upgrade-workers',
        next: "on ultron: systemctl list-units 'selfheal-os-upgrade@*'",
      },
    ]);
  });

  test.each([
    ['of another Plan', 'system-upgrade', { ...OF_A_PLAN, 'upgrade.cattle.io/plan': 'k3s' }],
    ['on another node', 'system-upgrade', { ...OF_A_PLAN, 'upgrade.cattle.io/node': 'jarvis' }],
    ['in another namespace', 'elsewhere', OF_A_PLAN],
  ])('is unknown where the Job that has ended is one %s', (_, namespace, labels) => {
    const ended = job(labels, 'Complete');
    const other = { ...ended, metadata: { ...ended.metadata, namespace } };

    expect(answer({ plans: [plan('ultron')], jobs: [other] })).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('is unknown where neither the Plan has a mark nor the node', () => {
    const unmarked = live('Plan', `system-upgrade/${WORKERS}`, { status: { applying: ['ultron'] } });

    expect(answer({ plans: [unmarked] })).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('is unknown where Plans cannot be listed, although none is described', () => {
    expect(answer({ cluster: NOT_DESCRIBED, plans: failure('403') })).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('is told beside what is at work', () => {
    expect(answer({ jobs: [job(OF_A_PLAN)], plans: failure('403') }).map(({ verdict }) => verdict)).toEqual([
      'fail',
      'unknown',
    ]);
  });
});

describe('nothing is at work', () => {
  const passes = [{ verdict: 'pass', found: 'none of a Plan is at work' }];

  test.each([
    ['there is no Job, and its Plan says the same', {}],
    ["there is another's Job", { jobs: [job({})] }],
    ['its Job is complete', { jobs: [job(OF_A_PLAN, 'Complete')] }],
    ['its Job has failed', { jobs: [job(OF_A_PLAN, 'Failed')] }],
    ['its pod has ended', { pods: [podOf(OF_A_PLAN, 'Succeeded')] }],
    ['a pod is of somebody else', { pods: [podOf({})] }],
    // Outside of its window the controller leaves the name standing.
    ['the node it names carries its mark', { plans: [plan('ultron')], nodes: [node(MARK)] }],
    ['the node it names has a Job that has ended', { plans: [plan('ultron')], jobs: [job(OF_A_PLAN, 'Failed')] }],
    ['nobody has installed or described upgrades', { cluster: NOT_DESCRIBED, plans: failure('no', 'unknown-kind') }],
    ['there is no Plan, and none is described', { cluster: NOT_DESCRIBED, plans: [] }],
  ])('where %s', (_, world) => {
    expect(answer(world)).toMatchObject(passes);
  });
});
