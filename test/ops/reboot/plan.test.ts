/** What a plan says before anything is written, and how it reads. */
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { CheckResult, Verdict } from '../../../src/ops/check/result.js';
import { saying } from '../../../src/ops/check/saying.js';
import { wordsOf } from '../../../src/ops/reboot/free-step.js';
import { type Look, planOf, verdictOfPlan } from '../../../src/ops/reboot/plan.js';
import { planText } from '../../../src/ops/reboot/plan-text.js';
import type { Roll } from '../../../src/ops/reboot/state.js';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';
import { OPTIONS } from './run.js';
import { World } from './world.js';

const agent = (address: string) => ({ ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address }) as const;

const cluster = (order?: readonly string[]): Cluster =>
  minimal({
    nodes: { ...MINIMAL_SPEC.nodes, barn: agent('192.0.2.8'), cellar: agent('192.0.2.9') },
    ...(order !== undefined && { reboots: { order: [...order] } }),
  });

const PLAYER = new Map([['app', 'player']]);

const world = (): World =>
  new World()
    .addNode('lamp', 'control-plane')
    .addNode('barn')
    .addNode('cellar')
    .addWorkload({ kind: 'Deployment', name: 'cart', desired: 3 }, 'barn', 'barn', 'cellar')
    .addWorkload({ kind: 'Deployment', name: 'single', desired: 1 }, 'barn')
    .addWorkload({ kind: 'StatefulSet', name: 'player', desired: 1, labels: PLAYER }, 'cellar')
    .addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 3 }, 'lamp', 'barn', 'cellar');

const result = (verdict: Verdict, found: string): CheckResult => ({
  ...{ check: 'coredns', subject: 'Deployment kube-system/coredns', verdict, expected: 'two nodes', found },
  ...{ incident: null, next: '', cause: null },
});

const RULE = { namespace: 'shop', labels: PLAYER, why: 'its disk is stale', when: 'leave' } as const;

/** Of its nodes one is done, and the other has rebooted since. */
const ROLL: Roll = {
  ...{ id: 'r-1', reason: 'a new kernel', by: 'ada@desk', nodes: ['barn', 'cellar'], done: ['barn'] },
  ...{ boots: { barn: 'barn-boot-0', cellar: 'cellar-boot-0' }, settling: null, stopped: null },
};

const plan = (look: Partial<Look> & { readonly of?: World } = {}) => {
  const { of = world(), ...rest } = look;
  const wanted = ['barn', 'cellar', 'lamp'].map((node) => ({ node, reason: 'a reboot waits: kernel' }));
  return planOf({ cluster: cluster(), seen: of.look(), options: OPTIONS, wanted, checked: new Map(), ...rest });
};

const text = (planned: ReturnType<typeof plan>): string =>
  `${planText(planned, 'https://192.0.2.7:6443 (context attic)').join('\n')}\n`;

describe('a plan', () => {
  test('has the nodes in their order, with what moves, what stays and what is away', async () => {
    const planned = plan({ options: { ...OPTIONS, protected: [RULE] } });

    expect(planned.nodes.map(({ name, moves, withoutReady }) => [name, moves, withoutReady])).toEqual([
      [
        'barn',
        [
          { workload: 'Deployment shop/cart', pods: 2 },
          { workload: 'Deployment shop/single', pods: 1 },
        ],
        ['Deployment shop/single'],
      ],
      ['cellar', [{ workload: 'Deployment shop/cart', pods: 1 }], []],
      ['lamp', [], []],
    ]);
    expect(planned.nodes[1]?.stays).toEqual([
      { pod: expect.stringMatching(/^shop\/player-/), why: 'its disk is stale' },
    ]);
    expect(verdictOfPlan(planned)).toBe('clear');
    await expect(text(planned)).toMatchFileSnapshot('golden/plan-clear.txt');
  });

  test('is blocked by a failed check, by a pod that must not go, and by a node that is not there', async () => {
    const without = world().addBare('notes', 'cellar');
    without.nodes.delete('lamp');
    const checked = new Map([['barn', [result('fail', 'one node: barn'), result('unknown', 'list Pod: 403')]]]);
    const refusing = { ...OPTIONS, protected: [{ ...RULE, when: 'refuse' as const }] };

    const planned = plan({ of: without, checked, options: refusing });

    expect(verdictOfPlan(planned)).toBe('blocked');
    expect(planned.nodes.map(({ blocks }) => blocks.length)).toEqual([1, 2, 1]);
    await expect(text(planned)).toMatchFileSnapshot('golden/plan-blocked.txt');
  });

  test.each([
    [
      'annotation of the Lease',
      () => {
        const of = world();
        of.lease = { rv: 1, holder: '', roll: '[]' };
        return of;
      },
      "Lease kube-system/selfheal-reboot: its annotation is not a roll's",
    ],
    [
      'mark',
      () => {
        const of = world();
        of.node('cellar').mark = '{}';
        return of;
      },
      "node cellar: has a mark that is not a roll's",
    ],
  ])('is blocked for every node by a %s that nobody can read, as the roll would be', (_, of, why) => {
    const planned = plan({ of: of() });

    expect(verdictOfPlan(planned)).toBe('blocked');
    expect(planned.nodes.map(({ blocks }) => blocks)).toEqual([[why], [why], [why]]);
  });

  test('says once what several checks cannot tell for one reason, and so does what stops the roll', () => {
    const untold = ['host-clock', 'host-disk'].map((check) =>
      saying(check).unknown('host barn', 'the report of host barn: it is old'),
    );
    const results = [...untold, result('fail', 'one node: barn')];

    const [barn] = plan({ checked: new Map([['barn', results]]) }).nodes;

    expect(barn?.unknown).toEqual(['host-clock and host-disk: the report of host barn: it is old']);
    expect(wordsOf(results)).toEqual([
      'coredns: Deployment kube-system/coredns: expected two nodes, got one node: barn',
      'cannot be told: host-clock and host-disk: the report of host barn: it is old',
    ]);
  });

  test('is blocked where one node of it is', () => {
    expect(verdictOfPlan(plan({ checked: new Map([['cellar', [result('fail', 'one node')]]]) }))).toBe('blocked');
  });

  test('cannot be told where a check cannot, and nothing else is in the way', () => {
    const planned = plan({ checked: new Map([['barn', [result('unknown', 'list Pod: 403')]]]) });

    expect(verdictOfPlan(planned)).toBe('unknown');
    expect(text(planned)).toContain('not known    coredns: Deployment kube-system/coredns');
  });

  test('leaves nodes alone that nobody asked for, and none where none waits', async () => {
    expect(plan({ wanted: [{ node: 'cellar', reason: 'somebody asked for it' }] })).toMatchObject({
      ...{ nodes: [{ name: 'cellar' }], left: ['barn', 'lamp'] },
    });
    await expect(text(plan({ wanted: [] }))).toMatchFileSnapshot('golden/plan-nothing.txt');
  });

  test('follows the order of the description, and takes who leads last otherwise', () => {
    const leading = world();
    leading.leaders = ['barn'];

    expect(plan({ of: leading }).nodes.map(({ name }) => name)).toEqual(['cellar', 'barn', 'lamp']);
    expect(plan({ of: leading, cluster: cluster(['lamp', 'barn', 'cellar']) }).nodes.map(({ name }) => name)).toEqual([
      'lamp',
      'barn',
      'cellar',
    ]);
  });

  test('says first what stands of a roll that has not ended', async () => {
    const begun = world();
    const roll: Roll = {
      ...ROLL,
      boots: { barn: 'barn-boot-0', cellar: 'cellar-boot-1' },
      stopped: { node: 'cellar', step: 'reboot', why: 'it has not come back in another boot within its time' },
    };
    begun.writeLease({ what: 'stop', guard: null, holder: '', roll, why: '' });
    const mark = { roll: 'r-1', step: 'reboot', bootId: 'cellar-boot-1', cordoned: 'by-us' } as const;
    Object.assign(begun.node('cellar'), {
      ...{ ready: false, unschedulable: true },
      mark: JSON.stringify({ ...mark, workloads: [], before: [], why: roll.stopped?.why }),
    });

    const planned = plan({ of: begun, wanted: [{ node: 'lamp', reason: 'a reboot waits: kernel' }] });

    expect(planned.unfinished?.roll).toEqual(roll);
    await expect(text(planned)).toMatchFileSnapshot('golden/plan-unfinished.txt');
  });

  test('forgets a roll that has ended, and one of which the rest has rebooted without it', () => {
    const ended = world();
    ended.writeLease({ what: 'give-back', guard: null, holder: '', roll: ROLL, why: '' });

    expect(plan({ of: ended }).unfinished).toBeNull();
  });
});
