/**
 * June 5 as `selfheal check` would have told it: each root cause alone, all of them together, and none.
 *
 * The whole of it is a file that a person reads: golden/june-5.txt.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pluralOf } from '../../../src/manifest/rights.js';
import { CHECKS } from '../../../src/ops/check/checks/index.js';
import { FACT_KINDS, type KindName } from '../../../src/ops/check/facts.js';
import { pvek8s } from '../../support/clusters.js';
import { type Fault, type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { pathOf } from '../bench/tools.js';
import type { Checked } from '../drift/described-cluster.js';
import { June5 } from './june-5.js';

let june: June5;
let proxy: FaultyProxy;

beforeAll(async () => {
  june = await June5.start();
  proxy = await startFaultyProxy(june.described.bench);
}, 400_000);
afterAll(async () => {
  await proxy?.close();
  await june?.close();
});

const APPLYING = CHECKS.filter(({ applies }) => applies?.(pvek8s()) ?? true);
const ASKED = new Set(APPLYING.flatMap(({ asks }) => asks));
// Its own keys.
const KINDS = (Object.keys(FACT_KINDS) as KindName[]).filter((name) => ASKED.has(name));

const ask = (): Promise<Checked> => june.described.checked();

const causesOf = ({ diagnosis }: Checked): readonly string[] =>
  diagnosis.causes.map(({ name, node }) => `${name} on ${node}`);

const checksOf = ({ results }: Checked, verdict: string): readonly string[] => [
  ...new Set(results.filter((each) => each.verdict === verdict).map(({ check }) => check)),
];

/** Names that are new each time, the node of the CoreDNS that stays, and how long it has been when a slow machine asks. */
const stable = (text: string): string =>
  text
    .replaceAll(/(-jiva-ctrl)-[a-z0-9]+-[a-z0-9]{5}\b/g, '$1-6d5f7c9b8-x2x4z')
    .replaceAll(/(calico-node)-[a-z0-9]{5}\b/g, '$1-x2x4z')
    .replace(/(ready on) k8s0\d$/m, '$1 k8s01')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-06-05T05:58:00Z')
    .replaceAll(/(\d+ h)(?: [0-4] min)?(?= (?:past|old|ago))/g, '$1')
    .replaceAll(/\b(\d+) min(?: \d+ s)?/g, (span, minutes: string) =>
      Number(minutes) < 5 ? span : `${Number(minutes) - (Number(minutes) % 5)} min`,
    );

/** Has kubectl of the bench; what writes is only asked for. */
const SHELL = `kubectl() {
  case $1$3 in
    *delete* | *cordon* | *patch* | *create*) set -- "$@" --dry-run=server ;;
  esac
  "$KUBECTL" --context=bench "$@"
}`;

/** What a person copies of a line: all from \`kubectl\` to its end. Those that fail, or show nothing. */
function pasted({ results, diagnosis }: Checked): readonly string[] {
  const { bench } = june.described;
  const lines = [...results.map(({ next }) => next), ...diagnosis.actions.map(({ command }) => command)];
  const commands = [...new Set(lines.flatMap((line) => /(?:^|: )(kubectl .*)$/.exec(line)?.[1] ?? []))];
  expect(commands.length).toBeGreaterThan(5);
  return commands.filter((command) => {
    const env = {
      PATH: process.env.PATH,
      HOME: bench.folder,
      KUBECONFIG: bench.kubeconfig,
      KUBECTL: pathOf('kubectl'),
    };
    const { status, stdout } = spawnSync('bash', ['-c', `${SHELL}\n${command}`], { env, encoding: 'utf8' });
    return status !== 0 || stdout.trim() === '';
  });
}

const CAUSES = [
  'RC-1 on k8s02',
  'RC-2 on k8s02',
  'RC-3 on k8s02',
  'kubelet on k8s02',
  'datastore on k8s02',
  'Jiva budget on k8s02',
  'Jiva orphans on k8s02',
];

test('a cluster in which nothing is wrong passes in everything', async () => {
  const answered = await ask();

  expect(answered.results.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(answered.diagnosis).toEqual({ causes: [], actions: [] });
  expect(answered.status).toBe(0);
});

describe('where nothing is wrong, and something cannot be told', () => {
  const FORBIDDEN = { do: 'refuse', status: 403, reason: 'Forbidden', message: 'nobody may' } as const;
  const EMPTY = JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: [] });
  let kubeconfig: string;
  beforeAll(() => {
    kubeconfig = proxy.kubeconfig(june.described.bench.kubeconfig);
  });
  afterEach(() => proxy.rule(() => undefined));

  test('by way of the proxy everything passes', async () => {
    expect(checksOf(await june.described.checked([], kubeconfig), 'pass')).toEqual(APPLYING.map(({ id }) => id));
  });

  test.each<[string, Fault, RegExp]>([
    ['nobody may read', FORBIDDEN, /403/],
    ['the API server fails', { do: 'refuse', status: 500, reason: 'InternalError', message: 'broken' }, /500|broken/],
    ['every connection ends at once', { do: 'cut', afterBytes: 0 }, /./],
    ['every answer breaks off', { do: 'cut', afterBytes: 60 }, /./],
    ['nothing is answered', { do: 'hang' }, /within 2s|no answer/],
    ['each answer is something else', { do: 'answer', body: '<html>log in</html>' }, /./],
  ])('nothing passes and nothing fails while %s', async (_, fault, why) => {
    proxy.rule(() => fault);

    // Only where nothing is answered is the time what ends it.
    const timeout = fault.do === 'hang' ? '2s' : '1min';
    const { results, status } = await june.described.checked([`--timeout=${timeout}`], kubeconfig);

    expect(results.filter(({ verdict }) => verdict !== 'unknown')).toEqual([]);
    expect(results.map(({ check }) => check)).toEqual(expect.arrayContaining(APPLYING.map(({ id }) => id)));
    expect(results.filter(({ found }) => !why.test(found))).toEqual([]);
    expect(status).toBe(2);
  });

  const isListOf = (name: KindName, { path }: { readonly path: string }): boolean => {
    const { apiVersion, kind } = FACT_KINDS[name];
    return path === `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${pluralOf(kind)}`;
  };

  test('no check passes by empty lists but what needs none of them', async () => {
    const emptied = KINDS.filter((name) => name !== 'nodes');
    proxy.rule((request) =>
      emptied.some((name) => isListOf(name, request)) ? { do: 'answer', body: EMPTY } : undefined,
    );

    expect(checksOf(await june.described.checked([], kubeconfig), 'pass')).toEqual([
      ...['nodes', 'cordons'],
      // It gets what is patched by name.
      'patch-ownership',
    ]);
  });

  /** Asked about only what is not there while all is well: a pod that waits, one of Jiva that hangs. */
  const NOT_NEEDED: Readonly<Partial<Record<KindName, readonly string[]>>> = {
    nodes: ['scheduler-stall'],
    events: ['scheduler-stall', 'kubelet-stall'],
    claims: ['scheduler-stall'],
    leases: ['scheduler-stall'],
    budgets: ['jiva-deadlock'],
    jivaVolumes: ['jiva-deadlock'],
    // This API server serves the other version alone.
    jivaVolumesV1: ['jiva-deadlock', 'jiva-volumes'],
  };
  /** Without them nobody finds the reports of hosts. */
  const LEADS_TO_REPORTS: readonly KindName[] = ['nodes', 'pods'];

  test.each(KINDS)('without %s, whoever needs it cannot tell', async (name) => {
    proxy.rule((request) => (isListOf(name, request) ? FORBIDDEN : undefined));

    const answered = await june.described.checked([], kubeconfig);

    const needs = APPLYING.filter(
      ({ id, asks }) =>
        (asks.includes(name) && !NOT_NEEDED[name]?.includes(id)) ||
        (asks.includes('hostReports') && LEADS_TO_REPORTS.includes(name)),
    );
    expect(checksOf(answered, 'unknown').filter((id) => id !== 'described-cluster')).toEqual(needs.map(({ id }) => id));
    expect(checksOf(answered, 'fail')).toEqual([]);
  });

  test('without the reports of hosts, whoever needs them cannot tell', async () => {
    proxy.rule(({ path }) => (path.endsWith('/log') ? FORBIDDEN : undefined));

    const answered = await june.described.checked([], kubeconfig);

    expect(checksOf(answered, 'unknown')).toEqual(
      APPLYING.filter(({ asks }) => asks.includes('hostReports')).map(({ id }) => id),
    );
  });
});

interface Scenario {
  readonly what: string;
  readonly begin: () => Promise<void>;
  readonly causes: readonly string[];
  /** All that fail, the symptoms with them. */
  readonly fail: readonly string[];
  readonly unknown?: readonly string[];
}

const SCENARIOS: readonly Scenario[] = [
  {
    what: 'a scheduler that renews its lease and schedules nothing',
    begin: () => june.schedulerStalls(),
    causes: ['RC-1 on k8s02'],
    fail: ['scheduler-stall'],
  },
  {
    what: 'rules for ClusterIPs that are missing since the boot',
    begin: () => june.rulesAreMissing(),
    causes: ['RC-2 on k8s02'],
    fail: ['jiva-volumes', 'cluster-ip-rules', 'calico-restarted'],
  },
  {
    what: 'names that containerd keeps from before the boot',
    begin: () => june.namesAreReserved(),
    causes: ['RC-3 on k8s02'],
    fail: ['sandbox-errors', 'sandbox-names'],
  },
  {
    what: 'a kubelet that does not see its pods',
    begin: () => june.kubeletSeesNothing(),
    causes: ['kubelet on k8s02'],
    fail: ['kubelet-stall'],
  },
  {
    what: 'a datastore that ends what it is asked, so that no status arrives',
    begin: () => june.datastoreCancels(),
    causes: ['datastore on k8s02'],
    fail: ['kubelet-stall', 'datastore'],
  },
  {
    what: "controllers of Jiva that hang behind their replicas' budgets",
    begin: () => june.controllersHang(),
    causes: ['Jiva budget on k8s02'],
    fail: ['disruption-budgets', 'jiva-deadlock'],
    unknown: ['jiva-volumes'],
  },
  {
    what: 'pods of a provisioner that nobody owns',
    begin: () => june.orphansStay(),
    causes: ['Jiva orphans on k8s02'],
    fail: ['jiva-deadlock'],
  },
  { what: 'CoreDNS on one node', begin: () => june.oneCoredns(), causes: [], fail: ['coredns'] },
  {
    what: 'Argo CD that can compare nothing',
    begin: () => june.argoCdKnowsNothing(),
    causes: [],
    fail: ['applications'],
  },
];

test('each root cause has a scenario', () => {
  expect(SCENARIOS.flatMap(({ causes }) => causes)).toEqual(CAUSES);
});

describe('where something is wrong', () => {
  afterEach(() => june.recover());

  test.each(SCENARIOS)('$what is named, and nothing else', async ({ begin, causes, fail, unknown = [] }) => {
    await begin();

    const answered = await ask();

    expect(causesOf(answered)).toEqual(causes);
    expect(checksOf(answered, 'fail')).toEqual(fail);
    expect(checksOf(answered, 'unknown')).toEqual(unknown);
    expect(answered.results.filter(({ next }) => /\bNAME\b/.test(next))).toEqual([]);
    expect(answered.status).toBe(1);
  });

  test('of the whole morning all root causes are told first, and what answers most of them', async () => {
    for (const { begin } of SCENARIOS) await begin();

    const answered = await ask();
    const { stdout } = await june.described.run('check', []);

    expect(causesOf(answered)).toEqual(CAUSES);
    expect(answered.diagnosis.actions).toEqual([
      {
        node: 'k8s02',
        command: 'sudo snap restart microk8s.daemon-kubelite',
        answers: ['RC-1', 'RC-2', 'RC-3', 'kubelet'],
      },
      { node: 'k8s02', command: 'sudo snap restart microk8s.daemon-k8s-dqlite', answers: ['datastore'] },
      {
        node: null,
        command: expect.stringMatching(
          /^kubectl -n openebs delete pod( pvc-\S+-ctrl-\S+){6} --force --grace-period=0 {3}#/,
        ),
        answers: ['Jiva budget'],
      },
      {
        node: null,
        command: expect.stringMatching(/^kubectl -n kube-system delete pod( hostpath-provisioner-k8s02-\S+){3} {3}#/),
        answers: ['Jiva orphans'],
      },
    ]);
    expect(pasted(answered)).toEqual([]);
    await expect(stable(stdout)).toMatchFileSnapshot('golden/june-5.txt');
  });
});
