/**
 * The roll that the cluster runs itself: its generated account, and the program out of its generated ConfigMap.
 *
 * The nodes are simulated: this test plays their hosts. There is no kubelet that hands out logs, so what a host reports
 * is left out of the description, and which node waits for a reboot stands in a roll that somebody left unfinished.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Weekday } from '../../../src/cluster/spec/values.js';
import type { K3sClusterSpec } from '../../../src/cluster/spec.js';
import { writeCluster } from '../../../src/cluster/transfer.js';
import { at, listAt, textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { objectsOf, parsed } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { hear } from '../support/hear.js';
import { ATTIC, CRDS, everythingRuns, listed, NOTHING_LEFT, standing, WORKLOADS } from './rolled.js';
import { NOTIFY, startTold, type Told } from './told.js';

const DAYS: readonly Weekday[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const EVER = { start: '00:00', end: '23:59', timeZone: 'UTC' } as const;
/** Neither today nor tomorrow, wherever that is. */
const farAway = (): Weekday => DAYS[(new Date().getUTCDay() + 3) % 7] ?? 'sunday';

const SPEC = {
  ...ATTIC,
  hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
  reboots: { ...ATTIC.reboots, schedule: { days: [farAway()], ...EVER }, notify: NOTIFY },
} as unknown as K3sClusterSpec;

const ACCOUNT = 'system:serviceaccount:kube-system:rolling-reboot';

let bench: Bench;
let token: string;
let told: Told;
const started: ChildProcess[] = [];

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'lamp' }, { name: 'bulb' }], crds: CRDS });
  bench.apply(objectsOf(parsed(SPEC), 'rolling-reboot'), { manager: 'argocd-controller', serverSide: true });
  // A simulated node does not start the pods of a DaemonSet anew when it boots.
  const moving = WORKLOADS.filter(({ kind }) => kind === 'Deployment');
  told = await startTold();
  bench.apply([...applications(), ...moving, told.secret], { manager: 'operator' });
  token = join(bench.folder, 'serviceaccount');
  mkdirSync(token);
  const words = ['create', 'token', 'rolling-reboot', '--namespace=kube-system', '--duration=2h'];
  writeFileSync(join(token, 'token'), bench.kubectl(words));
  writeFileSync(join(token, 'ca.crt'), bench.certificates.ca);
  writeFileSync(join(bench.folder, 'rolling-reboot.cjs'), mounted('rolling-reboot-program', 'rolling-reboot.cjs'));
  await everythingRuns(bench, 4);
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await told?.close();
  await bench?.close();
});
beforeEach(async () => {
  told.events.length = 0;
  await everythingRuns(bench, 4);
});

describe('its account', () => {
  test.each([
    ['delete', 'pods'],
    ['create', 'pods'],
    ['create', 'pods//exec'],
    ['create', 'pods//ephemeralcontainers'],
    ['get', 'secrets'],
    ['list', 'secrets'],
    ['delete', 'nodes'],
    ['patch', 'nodes/stranger'],
    ['create', 'deployments.apps'],
    ['patch', 'daemonsets.apps'],
    ['create', 'jobs.batch'],
    ['update', 'leases.coordination.k8s.io/kube-scheduler', 'kube-system'],
    ['delete', 'jobs.batch/backup', 'kube-system'],
    ['create', 'clusterrolebindings.rbac.authorization.k8s.io'],
    ['impersonate', 'users'],
  ])('must not %s %s', (verb, resource, namespace = 'default') => {
    expect(mayIt(verb, resource, namespace)).toBe('no');
  });

  test.each([
    ['patch', 'nodes/bulb', 'default'],
    ['create', 'pods//eviction', 'default'],
    ['create', 'jobs.batch', 'kube-system'],
  ])('may %s %s', (verb, resource, namespace) => {
    expect(mayIt(verb, resource, namespace)).toBe('yes');
  });
});

test('outside of its window it takes no lock and touches no node, whatever is left to do', async () => {
  leaveUnfinished(['bulb', 'lamp']);
  const versions = async () =>
    (
      await Promise.all(
        ['/api/v1/nodes', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'].map((path) =>
          listed(bench, path),
        ),
      )
    )
      .flat()
      .filter(({ metadata: { name } }) => /^(lamp|bulb|selfheal-reboot)$/.test(name))
      .map(({ metadata, spec }) => [metadata.name, metadata.annotations, spec]);
  const before = await versions();

  const { status, stdout, stderr } = await run(parsed(SPEC).reboots.schedule).ended;

  expect(status, stderr).toBe(0);
  expect(stdout).toContain('the time for it is over; still to go, in the next: bulb, lamp');
  expect(before).toHaveLength(3);
  expect(await versions()).toEqual(before);
  expect(told.events).toEqual([]);
});

test('with that account and nothing else it goes on where a roll was left, to its end', async () => {
  leaveUnfinished(['bulb', 'lamp']);
  const hosts = playHosts();
  const schedule = { days: DAYS, start: { hour: 0, minute: 0 }, end: { hour: 23, minute: 59 }, timeZone: 'UTC' };

  // As when its own pod is evicted: the node that it is at stays as it is.
  const first = run(schedule);
  await bench.until('bulb is marked', async () => ((await standing(bench)).nodes.length > 0 ? true : undefined));
  first.child.kill('SIGTERM');
  const cut = await first.ended;
  const between = await standing(bench);
  const { status, stdout, stderr } = await run(schedule).ended;
  const rebooted = await hosts.end();

  expect(cut.status, cut.stderr).toBe(143);
  expect(between.nodes).toEqual(['bulb: cordoned, marked, tainted']);
  expect(between.holder).toBe('');
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('done: bulb, lamp rebooted and verified');
  expect(rebooted).toEqual(['bulb', 'lamp']);
  expect(await standing(bench)).toEqual(NOTHING_LEFT);
  expect(told.events).toEqual([
    ...['goes-on', 'node-goes bulb', 'interrupted'],
    ...['goes-on', 'node-is-back bulb', 'node-goes lamp', 'node-is-back lamp', 'ended'],
  ]);
});

test('a pod of it that is evicted is made again elsewhere, and its Job goes on', async () => {
  // The simulated kubelet ends the pod of a Job at once: this test plays it, for less time than its nodes stay Ready.
  await bench.parts.stop('kwok');
  bench.kubectl(['create', 'job', 'by-hand', '--namespace=kube-system', '--from=cronjob/rolling-reboot']);
  const first = await podOfJob();
  report(first, { phase: 'Running' });
  bench.kubectl(['cordon', 'lamp']);
  await evict(first);
  const evicted = performance.now();
  const state = { terminated: { exitCode: 143, reason: 'Error' } };
  report(first, {
    phase: 'Failed',
    containerStatuses: [{ name: 'roll', image: 'i', imageID: 'i', ready: false, restartCount: 0, state }],
  });
  bench.kubectl(['delete', 'pod', first.metadata.name, '--namespace=kube-system', '--grace-period=0', '--force']);
  const second = await podOfJob(first.metadata.uid);
  console.log(`another pod after ${((performance.now() - evicted) / 1_000).toFixed(1)} s`);
  const status = bench.get('job', 'by-hand', 'kube-system')?.status;
  bench.kubectl(['delete', 'job', 'by-hand', '--namespace=kube-system', '--wait=false']);
  bench.kubectl(['uncordon', 'lamp']);
  await bench.parts.start('kwok');

  expect(textAt(first.spec, 'nodeName')).toBe('lamp');
  expect(textAt(second.spec, 'nodeName')).toBe('bulb');
  expect(at(status, 'failed') ?? 0).toBe(0);
  expect(listAt(status, 'conditions')).toEqual([]);
});

/** `nodes/bulb` is one of that name, `pods//eviction` a subresource. */
function mayIt(verb: string, asked: string, namespace: string): string {
  const [resource = '', subresource] = asked.split('//');
  const more = subresource === undefined ? [] : [`--subresource=${subresource}`];
  return bench
    .run(['auth', 'can-i', verb, resource, ...more, `--as=${ACCOUNT}`, `--namespace=${namespace}`])
    .stdout.trim();
}

const mounted = (configMap: string, key: string): string =>
  textAt(bench.get('configmap', configMap, 'kube-system'), 'data', key) ?? '';

/** As Argo CD leaves them when nothing is under way. */
const applications = (): readonly Manifest[] =>
  objectsOf(parsed(SPEC))
    .filter(({ kind }) => kind === 'Application')
    .map((application) => ({ ...application, status: { sync: { status: 'Synced' }, health: { status: 'Healthy' } } }));

function run(schedule: Cluster['reboots']['schedule']) {
  const cluster = parsed(SPEC);
  const description = join(bench.folder, 'mounted');
  mkdirSync(description, { recursive: true });
  const without = { ...cluster, hosts: [], reboots: { ...cluster.reboots, schedule } };
  writeFileSync(join(description, 'cluster.json'), writeCluster(without));
  writeFileSync(join(description, 'rendered.json'), mounted('rolling-reboot-description', 'rendered.json'));
  const { hostname, port } = new URL(bench.server);
  const env = {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    USER: 'rolling-reboot',
    SELFHEAL_BENCH: bench.folder,
  };
  const child = spawn(process.execPath, [join(bench.folder, 'rolling-reboot.cjs'), description, token], { env });
  started.push(child);
  return { child, ended: hear(child).ended };
}

const bootOf = (node: string): string => textAt(bench.get('node', node)?.status, 'nodeInfo', 'bootID') ?? '';

function leaveUnfinished(nodes: readonly string[]): void {
  for (const node of nodes) boot(node);
  const roll = {
    ...{ id: 'f00d', reason: 'a new kernel', by: 'somebody@desk', nodes },
    boots: Object.fromEntries(nodes.map((node) => [node, bootOf(node)])),
    ...{ done: [], settling: null, stopped: null },
  };
  bench.apply(
    [
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name: 'selfheal-reboot',
          namespace: 'kube-system',
          annotations: { 'selfheal.dev/roll': JSON.stringify(roll) },
        },
        spec: { holderIdentity: '' },
      },
    ],
    { manager: 'somebody' },
  );
}

/** A boot of its own, as a kubelet reports it. */
function boot(node: string): void {
  const bootID = crypto.randomUUID();
  const patch = JSON.stringify({ status: { nodeInfo: { bootID } } });
  bench.kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', `--patch=${patch}`]);
}

/** Each Job that is to reboot a host does so once, and ends. */
function playHosts() {
  const rebooted: string[] = [];
  let ending = false;
  const playing = (async () => {
    while (!ending) {
      const jobs = await listed(bench, '/apis/batch/v1/namespaces/kube-system/jobs');
      for (const { metadata } of jobs) {
        const node = metadata.name.replace('selfheal-reboot-', '');
        if (rebooted.includes(node)) continue;
        rebooted.push(node);
        boot(node);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return {
    end: async () => {
      ending = true;
      await playing;
      return rebooted;
    },
  };
}

/** One that the scheduler has put somewhere, and not that one. */
const podOfJob = (not?: string): Promise<LiveObject> =>
  bench.until('a pod of the Job is scheduled', async () => {
    const pods = await listed(bench, '/api/v1/namespaces/kube-system/pods?labelSelector=job-name%3Dby-hand');
    return pods.find(
      (pod) =>
        pod.metadata.uid !== not &&
        textAt(pod.spec, 'nodeName') !== undefined &&
        pod.metadata.deletionTimestamp === undefined,
    );
  });

/** As a kubelet. */
function report({ metadata: { name } }: LiveObject, status: object): void {
  const patch = JSON.stringify({ status });
  bench.kubectl(['patch', 'pod', name, '--namespace=kube-system', '--subresource=status', `--patch=${patch}`]);
}

async function evict({ metadata: { name, namespace = '' } }: LiveObject): Promise<void> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const { status, text } = await bench.send('POST', path, { body: JSON.stringify(eviction) });
  if (status !== 201) throw new Error(`${path}: expected 201, got ${status}: ${text}`);
}
