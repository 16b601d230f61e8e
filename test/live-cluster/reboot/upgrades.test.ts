/**
 * A roll beside the Plans of the system-upgrade-controller, which knows of no lock of ours: the generated gate and the
 * check `upgrades-at-work` see to it that never both take a node.
 *
 * The gate is the script that a host gets, with the generated settings, and asks a real API server as the identity that
 * it has there. The controller is played: the Job that it would make is made here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { upgradesHostState } from '../../../src/layers/upgrades/host-state.js';
import { objectsOf, parsed } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { pathOf } from '../bench/tools.js';
import { type Played, playHosts } from './played.js';
import {
  ATTIC,
  CRDS,
  describeIn,
  everythingRuns,
  inStep,
  NOTHING_LEFT,
  type Running,
  standing,
  startReboot,
  WORKLOADS,
} from './rolled.js';

/** Upgrades and the hosts that get the gate; what is rolled below is described without them, since no host reports here. */
const UPGRADED = parsed({
  ...ATTIC,
  hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
  upgrades: { ubuntu: { from: '25.10', to: '26.04', window: { days: ['sunday'], start: '09:00', end: '15:00' } } },
});

const NAMESPACE = 'system-upgrade';
const JOB = 'apply-os-upgrade-workers-on-bulb';
const ROLL = ['--reason', 'a new kernel', '--apply'];

let bench: Bench;
let hosts: Played;
let described: string;
const gates: ChildProcess[] = [];

beforeAll(async () => {
  bench = await startBench({
    nodes: [{ name: 'bulb' }, { name: 'lamp' }],
    crds: [...CRDS, 'test/fixtures/crds/plans.upgrade.cattle.io.yaml'],
  });
  hosts = await playHosts(bench, ['bulb', 'lamp']);
  described = describeIn(bench, ATTIC);
  bench.kubectl(['create', 'namespace', NAMESPACE]);
  bench.apply([...WORKLOADS, ...inStep()], { manager: 'operator' });
  bench.apply(objectsOf(UPGRADED, 'os-upgrade'), { manager: 'argocd-controller', serverSide: true });
  await everythingRuns(bench, 6);
});
afterAll(async () => {
  for (const gate of gates) gate.kill('SIGKILL');
  await hosts?.end();
  await bench?.close();
});

/** As the controller makes it: without a pod at first. One that has a pod is done here at once. */
function makeJob(node: string): void {
  const labels = { 'upgrade.cattle.io/plan': 'os-upgrade-workers', 'upgrade.cattle.io/node': node };
  const container = { name: 'upgrade', image: 'docker.io/library/alpine:3.21' };
  const spec = { restartPolicy: 'Never', nodeName: 'lamp', containers: [container] };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: JOB, namespace: NAMESPACE, labels },
    spec: { parallelism: 0, template: { metadata: { labels }, spec } },
  };
  bench.apply([job], { manager: 'system-upgrade-controller' });
}

async function jobEnds(): Promise<void> {
  bench.kubectl([
    'patch',
    'job',
    JOB,
    `--namespace=${NAMESPACE}`,
    '--type=merge',
    '--patch={"spec":{"parallelism":1}}',
  ]);
  bench.kubectl(['wait', 'job', JOB, `--namespace=${NAMESPACE}`, '--for=condition=complete', '--timeout=60s']);
  // Its pod is no workload that the roll below waits for.
  bench.kubectl(['delete', 'job', JOB, `--namespace=${NAMESPACE}`, '--cascade=foreground']);
}

interface Gate {
  readonly ended: Promise<number | null>;
  readonly said: () => string;
}

/** What the generated settings say, but for where this is, how long it takes, and that it may be any day. */
function startGate(node: string, identity: readonly string[]): Gate {
  const group = UPGRADED.hosts.find(({ nodes }) => nodes.some(({ name }) => name === node));
  if (group === undefined) throw new Error(`hosts of ${node}: expected a group, got none`);
  const { files } = upgradesHostState(UPGRADED, group);
  const contentOf = (end: string): string => {
    const content = files.find(({ path }) => path.endsWith(end))?.content;
    if (content === undefined) throw new Error(`${end}: expected it among what a host gets, got none`);
    return content;
  };
  const folder = join(bench.folder, `gate-${gates.length}`);
  mkdirSync(folder);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('gate.sh'), contentOf('/selfheal-upgrade-gate.sh'));
  writeFileSync(at('os-release'), 'VERSION_ID="25.10"\n');
  const settings = Object.fromEntries(
    contentOf('/upgrade-gate.env')
      .split('\n')
      .flatMap((line) => {
        const [, name, value] = /^(GATE_\w+)="?([^"]*)"?$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
  );
  const kubectl = [pathOf('kubectl'), `--kubeconfig=${bench.kubeconfig}`, '--context=bench', ...identity];
  const gate = spawn('bash', [at('gate.sh')], {
    env: {
      ...settings,
      ...{ PATH: process.env.PATH, HOME: folder, GATE_SELF: node, GATE_KUBECTL: kubectl.join(' ') },
      ...{ GATE_SETTLE_SECONDS: '2', GATE_INTERVAL_SECONDS: '1', GATE_DEADLINE_SECONDS: '100' },
      GATE_DAYS: 'monday,tuesday,wednesday,thursday,friday,saturday,sunday',
      ...{ GATE_FROM: '00:00', GATE_UNTIL: '24:00', GATE_STATE: at('state'), GATE_OS_RELEASE: at('os-release') },
    },
  });
  gates.push(gate);
  let said = '';
  for (const stream of [gate.stdout, gate.stderr])
    stream.on('data', (part) => {
      said += part;
    });
  return { ended: new Promise((resolve) => gate.on('close', resolve)), said: () => said };
}

/** As whom a worker asks: its own kubelet. */
const kubeletOf = (node: string) => [`--as=system:node:${node}`, '--as-group=system:nodes'];

const saysSoon = (who: Pick<Running, 'said'>, words: string) =>
  bench.until(`it says ${words}`, () => {
    if (who.said().includes(words)) return true;
    throw new Error(who.said());
  });

test('a roll is refused while a Job of a Plan is at work, and does not hold the Job up', async () => {
  makeJob('bulb');
  const before = hosts.rebooted.length;

  const { status, stdout } = await startReboot(bench, described, ROLL).ended;
  const stands = await standing(bench);
  const gate = startGate('bulb', kubeletOf('bulb'));

  expect(stdout).toContain(`stopped at bulb, check: upgrades-at-work: Job ${NAMESPACE}/${JOB}: `);
  expect(stdout).toContain('Plan os-upgrade-workers is at work on node bulb, or waits for its turn');
  expect(status).toBe(1);
  expect(hosts.rebooted).toHaveLength(before);
  expect(stands).toEqual(NOTHING_LEFT);
  expect(await gate.ended, gate.said()).toBe(0);
});

test("after the Job the roll goes; a worker's gate waits for it, with what its kubelet may read, and then lets go", async () => {
  await jobEnds();
  const before = hosts.rebooted.length;

  const roll = startReboot(bench, described, ROLL);
  await saysSoon(roll, 'bulb: cordon and mark');
  const gate = startGate('bulb', kubeletOf('bulb'));
  let passed = false;
  void gate.ended.then(() => {
    passed = true;
  });
  await saysSoon(gate, 'waits: a roll of reboots is at work, or was stopped: ');
  const { status, stderr } = await roll.ended;
  const passedBefore = passed;

  expect(status, stderr).toBe(0);
  expect(passedBefore, 'it let the Job go beside the roll').toBe(false);
  expect(await gate.ended, gate.said()).toBe(0);
  expect(gate.said()).toContain('bulb may be upgraded');
  expect(hosts.rebooted.slice(before)).toEqual(['bulb', 'lamp']);
});

test('a kubelet that may not read the lock lets nobody pass', async () => {
  const roles = objectsOf(UPGRADED, 'os-upgrade').filter(({ kind }) => kind === 'Role');
  bench.kubectl(['delete', 'role', 'selfheal-upgrade-gate', '--namespace=kube-system']);

  const gate = startGate('bulb', kubeletOf('bulb'));
  await saysSoon(gate, 'waits: lease kube-system/selfheal-reboot: cannot be read');
  bench.apply(roles, { manager: 'argocd-controller', serverSide: true });

  expect(roles).toHaveLength(1);
  expect(await gate.ended, gate.said()).toBe(0);
});

test("a kubelet may read its own node and the lock, and neither another's node nor another lease", () => {
  /** Why not stands behind it. */
  const may = (...words: readonly string[]): string =>
    bench.run(['auth', 'can-i', 'get', ...words, ...kubeletOf('bulb')]).stdout.split(/[\s-]/)[0] ?? '';

  expect(may('nodes/bulb')).toBe('yes');
  expect(may('leases.coordination.k8s.io/selfheal-reboot', '--namespace=kube-system')).toBe('yes');
  expect(may('nodes/lamp')).toBe('no');
  expect(may('leases.coordination.k8s.io/kube-scheduler', '--namespace=kube-system')).toBe('no');
});
