/** Every way in which a roll can stop or is disturbed: what a person sees of it, and what stands afterwards. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { at } from '../../../src/manifest/json.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { describeWith } from '../../support/tools.js';
import { type Bench, startBench } from '../bench/bench.js';
import { startFaultyProxy } from '../bench/faulty-proxy.js';
import { apiServerIsBack, evictionsOf, NEVER_LETS_GO, saysSoon } from './disturbed.js';
import { type Played, playHosts } from './played.js';
import {
  ATTIC,
  CRDS,
  describeIn,
  everythingRuns,
  inStep,
  NOTHING_LEFT,
  type Running,
  shortenLease,
  standing,
  startReboot,
  WORKLOADS,
} from './rolled.js';
import { type Clocks, clocksOf } from './stepped.js';
import { masked, NOTIFY, startTold, type Told } from './told.js';

const ROLL = ['--reason', 'a new kernel', '--apply'];

let bench: Bench;
let hosts: Played;
let told: Told;
let patient: string;
let hasty: string;

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'bulb' }, { name: 'lamp' }], crds: CRDS });
  hosts = await playHosts(bench, ['bulb', 'lamp']);
  told = await startTold();
  const short = { drainDeadline: '10s', bootDeadline: '10s', verifyDeadline: '10s' };
  patient = describeIn(bench, { ...ATTIC, reboots: { ...ATTIC.reboots, notify: NOTIFY } } as never);
  hasty = describeIn(bench, { ...ATTIC, reboots: { ...ATTIC.reboots, ...short, notify: NOTIFY } } as never, 'hasty');
  bench.apply([...WORKLOADS, ...inStep(), told.secret], { manager: 'operator' });
});
beforeEach(async () => {
  bench.kubectl(['uncordon', 'bulb']);
  told.events.length = 0;
  await everythingRuns(bench, 6);
});
afterEach(async () => {
  hosts.fate('back');
  bench.kubectl(['delete', 'poddisruptionbudgets', '--all', '--namespace=default']);
  const left = await standing(bench);
  // A roll that stands unfinished would go before that of the next test.
  bench.kubectl(['delete', 'lease', 'selfheal-reboot', '--namespace=kube-system', '--ignore-not-found']);
  expect(left, 'what a test leaves').toEqual(NOTHING_LEFT);
});
afterAll(async () => {
  await told?.close();
  await hosts?.end();
  await bench?.close();
});

const since = (): (() => readonly string[]) => {
  const before = hosts.rebooted.length;
  return () => hosts.rebooted.slice(before);
};

/** Nobody plays a kubelet: the pods that are asked to go do not end, and a drain goes on until the API server is back. */
const holdPods = (): Promise<void> => bench.parts.stop('kwok');

/** Renewed just now by the API server's clock; whose clock is hours ahead would call it stale. */
const heldByLamp = (name: string): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace: 'kube-system' },
  spec: {
    holderIdentity: 'lamp_1',
    leaseDurationSeconds: 3_600,
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  },
});

const seen = (name: string) => `golden/${name}.txt`;

test('a budget that never lets a pod go: nothing is touched, and nobody is asked to go', async () => {
  const proxy = await startFaultyProxy(bench);
  bench.apply([NEVER_LETS_GO], { manager: 'operator' });
  const rebooted = since();

  const outcome = await startReboot(bench, hasty, ROLL, proxy.kubeconfig(bench.kubeconfig)).ended;
  const asked = evictionsOf(proxy, 'web');
  await proxy.close();

  await expect(masked(outcome)).toMatchFileSnapshot(seen('budget'));
  expect(outcome.status).toBe(1);
  expect(rebooted()).toEqual([]);
  expect(await standing(bench)).toEqual(NOTHING_LEFT);
  expect(asked).toBe(0);
  expect(told.events).toEqual(['begins', 'stopped bulb']);
});

test('a node that a person had cordoned is rebooted, and stays cordoned', async () => {
  bench.kubectl(['cordon', 'bulb']);
  const rebooted = since();

  const outcome = await startReboot(bench, patient, [...ROLL, '--node', 'bulb']).ended;

  await expect(masked(outcome)).toMatchFileSnapshot(seen('cordoned-before'));
  expect(outcome.status).toBe(0);
  expect(rebooted()).toEqual(['bulb']);
  expect(await standing(bench)).toEqual({ nodes: ['bulb: cordoned'], jobs: [], holder: '' });
  expect(told.events).toEqual(['begins', 'node-goes bulb', 'node-is-back bulb', 'ended']);
  bench.kubectl(['uncordon', 'bulb']);
});

test('two rolls at once: one of them works, and the other says who it is', async () => {
  hosts.fate('never back');
  const rebooted = since();

  const first = startReboot(bench, patient, ROLL);
  await saysSoon(bench, first, 'until it is back in another boot');
  const second = await startReboot(bench, patient, ROLL).ended;
  hosts.fate('back');
  await hosts.powerOn('bulb');
  const { status, stderr } = await first.ended;

  expect(second.stdout).toMatch(/^refused at lock: \S+ is at work, and holds the Lease$/m);
  expect(second.status).toBe(1);
  expect(status, stderr).toBe(0);
  expect(rebooted()).toEqual(['bulb', 'lamp']);
  expect(told.events.filter((event) => event.startsWith('stopped'))).toEqual([]);
});

test('Ctrl-C ends it after what is being written, with the lock given back; the next call goes on', async () => {
  const rebooted = since();

  const run = startReboot(bench, patient, ROLL);
  await saysSoon(bench, run, 'cordons it');
  run.child.kill('SIGINT');
  const { status, stdout, stderr } = await run.ended;

  expect(status, stderr).toBe(1);
  expect(stderr).toContain('SIGINT: ends after what is being written; once more: at once\n');
  expect(stdout).toContain('stopped at lock: it was told to end\n');
  expect((await standing(bench)).holder).toBe('');
  const next = await startReboot(bench, patient, ROLL).ended;
  expect(next.status, next.stderr).toBe(0);
  expect(rebooted()).toEqual(['bulb', 'lamp']);
});

test('a node that does not come back: it stays out of service with the reason, and no other goes', async () => {
  hosts.fate('never back');
  const rebooted = since();

  const outcome = await startReboot(bench, hasty, ROLL).ended;

  await expect(masked(outcome)).toMatchFileSnapshot(seen('never-back'));
  expect(outcome.status).toBe(1);
  expect(rebooted()).toEqual(['bulb']);
  expect(await standing(bench)).toMatchObject({ nodes: ['bulb: cordoned, marked, tainted'], holder: '' });
  expect(bench.get('node', 'bulb')?.metadata.annotations?.['selfheal.dev/reboot']).toContain('within its time');
  expect(at(bench.get('node', 'lamp')?.spec, 'unschedulable')).toBeUndefined();
  expect(told.events).toEqual(['begins', 'node-goes bulb', 'stopped bulb']);

  // Somebody presses its button: the next call finds it there, and ends what was begun.
  hosts.fate('back');
  await hosts.powerOn('bulb');
  const next = await startReboot(bench, patient, ROLL).ended;
  expect(next.status, next.stderr).toBe(0);
  expect(rebooted()).toEqual(['bulb', 'lamp']);
});

describeWith(['faketime'], 'a roll whose machine', () => {
  test('has its clock set back and forth by hours goes as ever', async () => {
    const elects = { ...ATTIC, datastore: 'etcd', reboots: { ...ATTIC.reboots, notify: NOTIFY } };
    bench.apply(['kube-scheduler', 'kube-controller-manager'].map(heldByLamp), { manager: 'lamp' });
    const clocks = clocksOf(bench.folder, 'set');
    clocks.show(9 * 3_600);
    const { wall, monotonic } = clocks.seen();
    expect(wall).toBeGreaterThan(8 * 3_600);
    expect(Math.abs(monotonic)).toBeLessThan(600);
    const rebooted = since();

    const run = startReboot(bench, describeIn(bench, elects, 'elects'), ROLL, bench.kubeconfig, clocks.env);
    let steps = 0;
    // Never back behind the time at which the bench's certificates were made.
    const setting = setInterval(() => {
      steps += 1;
      clocks.show(steps % 2 === 0 ? 9 * 3_600 : 0);
    }, 300);
    const outcome = await run.ended.finally(() => clearInterval(setting));

    await expect(masked(outcome)).toMatchFileSnapshot(seen('clock-set'));
    expect(outcome.status).toBe(0);
    expect(rebooted()).toEqual(['bulb', 'lamp']);
    expect(steps).toBeGreaterThan(10);
  });

  test('does not reach the API server in the middle of a drain goes on, and the cordon of a person stays', async () => {
    bench.kubectl(['cordon', 'bulb']);
    await holdPods();
    const clocks = clocksOf(bench.folder, 'passed');
    const rebooted = since();

    const run = startReboot(bench, patient, [...ROLL, '--node', 'bulb'], bench.kubeconfig, clocks.env);
    await saysSoon(bench, run, 'it is ending');
    await bench.parts.stop('apiserver');
    await timePasses(run, clocks, 30, 'does not answer');
    await apiServerIsBack(bench);
    await bench.parts.start('kwok');
    const outcome = await run.ended;

    await expect(masked(outcome)).toMatchFileSnapshot(seen('api-away'));
    expect(outcome.status).toBe(0);
    expect(rebooted()).toEqual(['bulb']);
    expect(await standing(bench)).toEqual({ nodes: ['bulb: cordoned'], jobs: [], holder: '' });
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'node-is-back bulb', 'ended']);
    bench.kubectl(['uncordon', 'bulb']);
  });

  test('does not reach it for longer than a node may take says what stands, and the next call goes on', async () => {
    await holdPods();
    const proxy = await startFaultyProxy(bench);
    const clocks = clocksOf(bench.folder, 'passed');
    const rebooted = since();

    const run = startReboot(bench, hasty, ROLL, proxy.kubeconfig(bench.kubeconfig), clocks.env);
    await saysSoon(bench, run, 'it is ending');
    proxy.rule(() => ({ do: 'cut', afterBytes: 0 }));
    await timePasses(run, clocks, 70);
    const outcome = await run.ended;
    await proxy.close();
    await bench.parts.start('kwok');

    await expect(masked(outcome)).toMatchFileSnapshot(seen('api-gone'));
    expect(outcome.status).toBe(2);
    expect(await standing(bench)).toMatchObject({ nodes: ['bulb: cordoned, marked, tainted'], jobs: [] });
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'stopped']);

    await shortenLease(bench);
    const next = await startReboot(bench, patient, ROLL).ended;
    expect(next.status, next.stderr).toBe(0);
    expect(rebooted()).toEqual(['bulb', 'lamp']);
  });
});

/** For the program alone, in steps: at least so many seconds, and until it says so or ends. */
async function timePasses(run: Running, clocks: Clocks, seconds: number, words?: string): Promise<void> {
  let passed = 0;
  await bench.until('enough time has passed for it', () => {
    const isSaid = words !== undefined && run.said().includes(words);
    if (run.child.exitCode !== null || (isSaid && passed >= seconds)) return true;
    passed += 5;
    clocks.show(passed);
    throw new Error(run.said());
  });
}
