/** What disturbs a roll of two real nodes, and takes minutes to see: `npm run test:nightly`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { at } from '../../../src/manifest/json.js';
import { describeAtNight } from '../bench/describe-with-node.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { apiServerIsBack, evictionsOf, NEVER_LETS_GO, saysSoon } from './disturbed.js';
import { PAIR, type RealPair, startRealPair } from './real-pair.js';
import { describeIn, NOTHING_LEFT, standing, startReboot } from './rolled.js';
import { holdPods, SLOW, SLOW_PODS } from './slow.js';
import { masked, NOTIFY, startTold, type Told } from './told.js';

const ROLL = ['--reason', 'a new kernel', '--apply'];

/** Shorter than Kubernetes' own 50, so that the test is: by then a node that is down is not Ready. */
const GRACE_SECONDS = 30;

const seen = (name: string) => `golden/${name}.txt`;

describeAtNight('a roll of two real nodes', () => {
  let pair: RealPair;
  let proxy: FaultyProxy;
  let told: Told;
  let patient: string;
  let hasty: string;

  beforeAll(async () => {
    pair = await startRealPair({ nodeGraceSeconds: GRACE_SECONDS });
    const { bench } = pair;
    proxy = await startFaultyProxy(bench);
    told = await startTold();
    const reboots = { ...PAIR.reboots, notify: NOTIFY };
    const short = { drainDeadline: '10s', bootDeadline: `${2 * GRACE_SECONDS}s` };
    patient = describeIn(bench, { ...PAIR, reboots } as typeof PAIR);
    hasty = describeIn(bench, { ...PAIR, reboots: { ...reboots, ...short } } as typeof PAIR, 'hasty');
    bench.apply([SLOW, told.secret], { manager: 'operator' });
  }, 400_000);
  beforeEach(async () => {
    pair.bench.kubectl(['uncordon', 'bulb']);
    told.events.length = 0;
    // An earlier test may have left both replicas on one node.
    pair.bench.kubectl(['delete', 'pods', '--selector=app in (slow, web)', '--namespace=default', '--wait=false']);
    await pair.runs(SLOW_PODS);
  });
  afterEach(async () => {
    const { bench } = pair;
    proxy.rule(() => undefined);
    bench.kubectl(['delete', 'poddisruptionbudgets', '--all', '--namespace=default']);
    const left = await standing(bench);
    // A roll that stands unfinished would go before that of the next test.
    bench.kubectl(['delete', 'lease', 'selfheal-reboot', '--namespace=kube-system', '--ignore-not-found']);
    expect(left, 'what a test leaves').toEqual(NOTHING_LEFT);
  });
  afterAll(async () => {
    await told?.close();
    await proxy?.close();
    await pair?.close();
  });

  const roll = (clusters: string, args = ROLL) =>
    startReboot(pair.bench, clusters, args, proxy.kubeconfig(pair.bench.kubeconfig));

  test('finds a budget that never lets a pod go: nothing is touched, and nobody is asked to go', async () => {
    const { bench } = pair;
    bench.apply([NEVER_LETS_GO], { manager: 'operator' });
    const kept = pair.keepOn();
    const before = evictionsOf(proxy, 'web');

    const outcome = await roll(hasty).ended;
    await kept.end();

    await expect(masked(outcome)).toMatchFileSnapshot(seen('budget'));
    expect(outcome.status).toBe(1);
    expect(kept.boots()).toEqual({ bulb: 0, lamp: 0 });
    expect(await standing(bench)).toEqual(NOTHING_LEFT);
    expect(evictionsOf(proxy, 'web') - before).toBe(0);
    expect(told.events).toEqual(['begins', 'stopped bulb']);
  });

  test('meets that budget once the drain has begun: its node is given back, in the boot that it was in', async () => {
    const { bench } = pair;
    const kept = pair.keepOn();
    const before = evictionsOf(proxy, 'web');
    const budgetCounts = (): void => {
      bench.apply([NEVER_LETS_GO], { manager: 'operator' });
      bench.kubectl(['wait', 'pdb/web', '--namespace=default', '--for=jsonpath={.status.currentHealthy}=2']);
    };
    // Between the cordon and the first eviction.
    proxy.rule(({ method, path }) => {
      if (method !== 'PATCH' || !path.endsWith('/nodes/bulb') || bench.get('pdb', 'web', 'default')) return undefined;
      return { do: 'tell', answered: budgetCounts };
    });

    const outcome = await roll(hasty).ended;
    await kept.end();

    await expect(masked(outcome)).toMatchFileSnapshot(seen('night-budget-late'));
    expect(outcome.status).toBe(1);
    expect(kept.boots()).toEqual({ bulb: 0, lamp: 0 });
    expect(evictionsOf(proxy, 'web') - before).toBeGreaterThan(0);
    expect(await standing(bench)).toEqual(NOTHING_LEFT);
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'stopped bulb']);
  });

  test('reboots a node that a person had cordoned, and leaves it cordoned', async () => {
    const { bench } = pair;
    bench.kubectl(['cordon', 'bulb']);
    const kept = pair.keepOn();

    const outcome = await roll(patient, [...ROLL, '--node', 'bulb']).ended;
    await kept.end();

    await expect(masked(outcome)).toMatchFileSnapshot(seen('cordoned-before'));
    expect(outcome.status).toBe(0);
    expect(kept.boots()).toEqual({ bulb: 1, lamp: 0 });
    expect(await standing(bench)).toEqual({ nodes: ['bulb: cordoned'], jobs: [], holder: '' });
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'node-is-back bulb', 'ended']);
    bench.kubectl(['uncordon', 'bulb']);
  });

  test('goes on when the API server was gone for 30 s of a drain, and the cordon of a person stays', async () => {
    const { bench } = pair;
    bench.kubectl(['cordon', 'bulb']);
    const letGo = holdPods(pair.node('bulb'));
    const kept = pair.keepOn();

    const run = startReboot(bench, patient, [...ROLL, '--node', 'bulb']);
    await saysSoon(bench, run, 'it is ending');
    await bench.parts.stop('apiserver');
    const goneAt = performance.now();
    await saysSoon(bench, run, 'the API server does not answer');
    const saidAfter = performance.now() - goneAt;
    // It ends on its host, and there is nobody whom that can be told.
    letGo();
    await sleep(30_000 - saidAfter);
    await apiServerIsBack(bench);
    const backAt = performance.now();
    const outcome = await run.ended;
    const endedAfter = performance.now() - backAt;
    await kept.end();

    await expect(masked(outcome)).toMatchFileSnapshot(seen('api-away'));
    expect(outcome.status).toBe(0);
    expect(kept.boots()).toEqual({ bulb: 1, lamp: 0 });
    expect(await standing(bench)).toEqual({ nodes: ['bulb: cordoned'], jobs: [], holder: '' });
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'node-is-back bulb', 'ended']);
    bench.kubectl(['uncordon', 'bulb']);

    // What docs/reboot.md says of it.
    const [said, ended] = [saidAfter, endedAfter].map((ms) => `${(ms / 1_000).toFixed(1)} s`);
    console.log(`API server gone: said after ${said}, ended ${ended} after it was back`);
  });

  test('is refused where another one is at work, and says whose that is; that one ends as ever', async () => {
    const { bench } = pair;
    const letGo = holdPods(pair.node('bulb'));
    const kept = pair.keepOn();

    const first = roll(patient);
    await saysSoon(bench, first, 'it is ending');
    const second = await roll(patient).ended;
    letGo();
    const { status, stderr } = await first.ended;
    await kept.end();

    await expect(masked(second)).toMatchFileSnapshot(seen('night-two-rolls'));
    expect(second.status).toBe(1);
    expect(status, stderr).toBe(0);
    expect(kept.boots()).toEqual({ bulb: 1, lamp: 1 });
    expect(told.events.filter((event) => event === 'begins')).toHaveLength(1);
  });

  test('leaves one that does not come back out of service, with the reason, and takes no other down', {
    timeout: 400_000,
  }, async () => {
    const { bench } = pair;
    const inits = () => [pair.node('bulb').machine.init, pair.node('lamp').machine.init];
    const [, lamp] = inits();

    const outcome = await roll(hasty).ended;

    await expect(masked(outcome)).toMatchFileSnapshot(seen('never-back'));
    expect(outcome.status).toBe(1);
    expect(lamp).toBeGreaterThan(1);
    expect(inits()).toEqual([undefined, lamp]);
    expect(await standing(bench)).toMatchObject({ nodes: ['bulb: cordoned, marked, tainted'], holder: '' });
    expect(bench.get('node', 'bulb')?.metadata.annotations?.['selfheal.dev/reboot']).toContain('within its time');
    expect(at(bench.get('node', 'lamp')?.spec, 'unschedulable')).toBeUndefined();
    expect(told.events).toEqual(['begins', 'node-goes bulb', 'stopped bulb']);

    // Somebody presses its button, and asks again at once.
    const kept = pair.keepOn();
    const next = await roll(patient).ended;
    await kept.end();
    expect(next.status, `${next.stderr}\nboots: ${JSON.stringify(kept.boots())}`).toBe(0);
    expect(kept.boots()).toEqual({ bulb: 1, lamp: 1 });
  });
});
