/** Which nodes a roll is for: those that are named, those whose hosts say that a reboot waits, or what was begun. */
import { describe, expect, test } from 'vitest';
import type { Asked as Looked } from '../../src/commands/reboot-checks.js';
import { pendingIn } from '../../src/commands/reboot-checks.js';
import { planned, rollOptions } from '../../src/commands/reboot-planned.js';
import type { KubeApi } from '../../src/live/kube-api.js';
import type { Answer, Failure, LiveObject } from '../../src/manifest/live-object.js';
import type { HostReport } from '../../src/ops/check/host-report.js';
import { ROLL_ANNOTATION } from '../../src/ops/reboot/names.js';
import type { Roll } from '../../src/ops/reboot/state.js';
import { failure, live, lookOf } from '../support/check-facts.js';
import { homelab, MINIMAL_SPEC, minimal, pvek8s } from '../support/clusters.js';

const { lamp } = MINIMAL_SPEC.nodes;
const agent = (address: string) => ({ ...lamp, role: 'agent', address }) as const;
const NODES = ['lamp', 'barn', 'cellar'] as const;
const cluster = (more: object = {}) =>
  minimal({
    nodes: { lamp, barn: agent('192.0.2.8'), cellar: agent('192.0.2.9') },
    hosts: [{ nodes: ['lamp'] }, { nodes: ['barn', 'cellar'] }],
    ...more,
  } as never);

const WELL: HostReport = {
  ...{ report: 1, node: null, bootId: null, uptimeSeconds: null, epochSeconds: null, clockSynchronized: null },
  ...{ clusterIpRules: null, calicoBeforeBoot: null, sandboxNamesReserved: null, datastore: null, watchdog: null },
  ...{ disks: null, rebootRequired: false, certificates: null },
  ...{ pending: [], runningKernel: '6.8.0-45-generic', newestKernel: '6.8.0-50-generic' },
};

type Reports = Partial<Record<(typeof NODES)[number], readonly string[] | null | 'untold'>>;

const factsOf = (reports: Reports, of = cluster()): Looked['facts'] => ({
  ...lookOf({ cluster: of }, {}),
  host: (name): Answer<HostReport> => {
    const pending = reports[name as (typeof NODES)[number]];
    if (pending === 'untold') return failure(`the report of host ${name}: it is 3 h old`);
    return { ok: true, value: { ...WELL, pending: pending === undefined ? [] : pending } };
  },
});

const node = (name: string, boot = 'boot-0') =>
  live('Node', name, {
    status: { nodeInfo: { bootID: boot }, conditions: [{ type: 'Ready', status: 'True' }] },
  });

const ROLL: Roll = {
  ...{ id: 'f00d', reason: 'a new kernel', by: 'ada@desk', nodes: ['barn', 'cellar'], done: ['barn'] },
  ...{ boots: { barn: 'boot-old', cellar: 'boot-0' }, settling: null, stopped: null },
};

const leaseOf = (roll: Roll): LiveObject =>
  live('Lease', 'kube-system/selfheal-reboot', {
    metadata: { annotations: { [ROLL_ANNOTATION]: JSON.stringify(roll) } },
    spec: { holderIdentity: '' },
  });

interface Ask {
  readonly reports?: Reports;
  readonly named?: readonly string[];
  readonly reason?: string;
  readonly roll?: Roll;
  readonly undo?: boolean;
  readonly nodes?: readonly LiveObject[];
  /** What the API server says instead of its nodes. */
  readonly failed?: Failure;
  /** @default every kind */
  readonly failedKind?: string;
}

function ask({ reports = {}, named = [], reason, roll, undo = false, failed, ...rest }: Ask) {
  const { nodes = NODES.map((name) => node(name)), failedKind } = rest;
  const of = cluster();
  const api: KubeApi = {
    ...{ context: 'attic', server: 'https://192.0.2.7:6443', close: () => undefined },
    get: async ({ name }) => ({ ok: true, value: name === 'selfheal-reboot' && roll ? leaseOf(roll) : null }),
    list: async ({ kind }) =>
      failed === undefined || (failedKind ?? kind) !== kind
        ? { ok: true, value: kind === 'Node' ? nodes : [] }
        : { ok: false, failure: failed },
    dryRunApply: async () => failure('nothing is written'),
    version: async () => failure('not asked'),
    log: async () => failure('not asked'),
    now: async () => failure('not asked'),
    resource: async () => failure('not asked'),
  };
  const checks = async (): Promise<Looked> => ({ facts: factsOf(reports), answers: () => [] });
  return planned({ api, cluster: of, options: rollOptions(of), checks, named, reason, undo });
}

const message = (error: unknown) => error as { readonly message: string; readonly hints: readonly string[] };
const refused = async (asked: Ask) => message(await ask(asked).catch((error: unknown) => error));

describe('the hosts that wait for a reboot', () => {
  test('are exactly those with a reason, and the reason is told in words', () => {
    const pending = pendingIn(factsOf({ lamp: ['kernel'], cellar: ['reboot-required', 'kernel-arguments'] }));

    expect(pending).toEqual({
      wanted: [
        { node: 'lamp', reason: 'a reboot waits: kernel 6.8.0-50-generic is installed while 6.8.0-45-generic runs' },
        {
          node: 'cellar',
          reason:
            'a reboot waits: the distribution asks for it (/run/reboot-required) and the running kernel was started without arguments that are described',
        },
      ],
      unknown: [],
    });
  });

  test('are none that did not say so, nor one that cannot be told of', () => {
    const pending = pendingIn(factsOf({ lamp: 'untold', barn: null }));

    expect(pending.wanted).toEqual([]);
    expect(pending.unknown).toEqual([
      'the report of host lamp: it is 3 h old',
      'host barn: whether a reboot waits cannot be told',
    ]);
  });

  test.each([
    ['no hosts are described', { hosts: [] }],
    [
      'its hosts are taken back',
      {
        hosts: [
          { nodes: ['lamp'], state: 'absent' },
          { nodes: ['barn', 'cellar'], state: 'absent' },
        ],
      },
    ],
  ])('cannot be told where %s', (_, more) => {
    const pending = pendingIn(factsOf({ lamp: ['kernel'] }, cluster(more)));

    expect(pending.wanted).toEqual([]);
    expect(pending.unknown).toHaveLength(3);
    expect(pending.unknown[0]).toBe(
      'host lamp: no node-bootstrap is described for it, so nobody reports whether a reboot waits',
    );
  });
});

describe('without --node and --reason', () => {
  test('those that wait are planned, agents first, and no other', async () => {
    const { plan, wanted } = await ask({ reports: { lamp: ['kernel'], cellar: ['kernel-arguments'] } });

    expect(wanted.map((each) => each.node)).toEqual(['cellar', 'lamp']);
    expect(plan.nodes.map(({ name }) => name)).toEqual(['cellar', 'lamp']);
    expect(plan.left).toEqual(['barn']);
  });

  test('where none waits nothing is planned', async () => {
    expect(await ask({})).toMatchObject({ wanted: [], plan: { nodes: [], unfinished: null, stands: [] } });
  });

  test('where one cannot be told of nothing is guessed: who they are, who waits, and what to do is said', async () => {
    const { message: said, hints } = await refused({ reports: { lamp: ['kernel'], barn: 'untold', cellar: null } });

    expect(said).toBe('hosts: expected each to say whether a reboot waits, got the report of host barn: it is 3 h old');
    expect(hints).toEqual([
      'host cellar: whether a reboot waits cannot be told',
      'host lamp: a reboot waits: kernel 6.8.0-50-generic is installed while 6.8.0-45-generic runs',
      'mend that, or name the nodes with --node, or all of them with --reason',
    ]);
  });

  test('what was begun goes on, although a host cannot be told of', async () => {
    const { plan } = await ask({ roll: ROLL, reports: { cellar: 'untold' } });

    expect(plan.unfinished?.roll.id).toBe('f00d');
  });
});

describe('a person’s word', () => {
  test('is taken for the nodes that are named, whatever their hosts say', async () => {
    const { wanted } = await ask({
      named: ['lamp', 'barn'],
      reason: 'a new power supply',
      reports: { lamp: 'untold' },
    });

    expect(wanted).toEqual([
      { node: 'barn', reason: 'a new power supply' },
      { node: 'lamp', reason: 'a new power supply' },
    ]);
  });

  test('without names is taken for all of them', async () => {
    const { wanted } = await ask({ reason: 'a new power supply', reports: { cellar: 'untold' } });

    expect(wanted.map((each) => each.node)).toEqual(['barn', 'cellar', 'lamp']);
  });
});

describe('while a roll stands unfinished', () => {
  test.each([
    ['another node', ['lamp']],
    ['another node beside', ['cellar', 'lamp']],
    ['only a node of it that is done', ['barn']],
  ])('%s is not taken for it: nothing else would be rebooted, or something that nobody named', async (_, named) => {
    const { message: said, hints } = await refused({ named, roll: ROLL });

    expect(said).toBe(
      `--node: expected barn, cellar, or none, while the roll of ada@desk stands unfinished, got ${named.join(', ')}`,
    );
    expect(hints).toEqual([
      'it is for: a new kernel; still to go: cellar',
      'selfheal reboot --apply without --node goes on with it; selfheal reboot --undo takes back what stands',
    ]);
  });

  test.each([[['barn', 'cellar']], [['cellar']], [[]]])('%j goes on with it', async (named) => {
    const { plan } = await ask({ named, roll: ROLL });

    expect(plan.unfinished?.roll.id).toBe('f00d');
  });

  test('one that has ended stands in nobody’s way', async () => {
    const ended = { ...ROLL, done: ['barn', 'cellar'] };

    expect((await ask({ named: ['lamp'], roll: ended })).plan).toMatchObject({
      unfinished: null,
      nodes: [{ name: 'lamp' }],
    });
  });
});

test('only one of several that are still to go is not taken for all of them', async () => {
  const open = { ...ROLL, done: [], boots: { barn: 'boot-0', cellar: 'boot-0' } };

  expect((await refused({ named: ['cellar'], roll: open })).message).toMatch(/stands unfinished, got cellar$/);
});

test('its times are those of the description, and volumes are waited for where there are any', () => {
  const reboots = { drainDeadline: '2min', bootDeadline: '3min', verifyDeadline: '4min', settle: '5s' };

  expect(rollOptions(cluster({ reboots }))).toMatchObject({
    ...{ drainMs: 120_000, bootMs: 180_000, verifyMs: 240_000, settleMs: 5_000, fixedOrder: false, volumes: false },
  });
  expect(rollOptions(cluster({ reboots: { order: ['barn', 'cellar', 'lamp'] } })).fixedOrder).toBe(true);
  expect([homelab(), pvek8s()].map((of) => [of.longhorn !== null, of.jiva !== null, rollOptions(of).volumes])).toEqual([
    [true, false, true],
    [false, true, true],
  ]);
});

test('an undo asks no host, and plans no node', async () => {
  const { plan, wanted } = await ask({ undo: true, roll: ROLL, reports: { lamp: ['kernel'] } });

  expect(wanted).toEqual([]);
  expect(plan.nodes).toEqual([]);
  expect(plan.unfinished?.roll.id).toBe('f00d');
});

test('nothing is planned by half a look', async () => {
  const failed = { kind: 'server', message: 'list Pod: 500' } as const;

  expect((await refused({ failed, failedKind: 'Pod', named: ['lamp'] })).message).toMatch(/got list Pod: 500$/);
});

test('what stands where no Lease tells of it is told', async () => {
  const mark = {
    roll: 'f00d',
    step: 'drain',
    bootId: 'boot-0',
    cordoned: 'by-us',
    workloads: [],
    before: [],
    why: null,
  };
  const marked = live('Node', 'barn', {
    metadata: { annotations: { 'selfheal.dev/reboot': JSON.stringify(mark) } },
    spec: { unschedulable: true },
    status: { nodeInfo: { bootID: 'boot-0' }, conditions: [{ type: 'Ready', status: 'True' }] },
  });

  const { plan } = await ask({ undo: true, nodes: [node('lamp'), marked, node('cellar')] });

  expect(plan.unfinished).toBeNull();
  expect(plan.stands).toEqual(['node barn: marked, cordoned by the roll, Ready']);
});

test.each<readonly [Failure['kind'], string, RegExp]>([
  ['unreachable', 'connect ECONNREFUSED', /^on lamp: sudo journalctl -u k3s\.service /],
  ['timed-out', 'no answer within 10 s', /^on lamp: sudo journalctl -u k3s\.service /],
  ['unreachable', 'getaddrinfo ENOTFOUND lamp.example', /^kubectl config view --minify --context attic /],
  ['unreachable', 'unable to verify the first certificate', /^kubectl config view --minify --context attic /],
  [
    'unreachable',
    'self-signed certificate (SELF_SIGNED_CERT_IN_CHAIN)',
    /^kubectl config view --minify --context attic /,
  ],
  ['unauthorized', '401', /^log in again/],
  ['forbidden', '403', /^selfheal reboot --print-role \| kubectl apply -f - .* selfheal-reboot$/],
  ['server', '500', /^ask again$/],
])('an API server that gives no answer (%s: %s) is told of with the next command', async (kind, words, next) => {
  const { message: said, hints } = await refused({ failed: { kind, message: `list Node: ${words}` } });

  expect(said).toBe(`https://192.0.2.7:6443 (context attic): expected an answer, got list Node: ${words}`);
  expect(hints).toEqual([expect.stringMatching(next)]);
});
