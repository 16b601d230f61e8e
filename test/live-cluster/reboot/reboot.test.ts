/** One roll of a real node, from the command line to the host and back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, listAt, textAt } from '../../../src/manifest/json.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { objectsOf, parsed } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { describeWithNode } from '../bench/describe-with-node.js';
import { RealNode } from '../bench/real-node.js';
import { ATTIC, describeIn, startReboot } from './rolled.js';

const MARK = 'selfheal.dev/reboot';
const TAINT = 'selfheal.dev/planned-reboot';

describeWithNode('a roll of a real node', () => {
  let bench: Bench;
  let bulb: RealNode | undefined;
  let clusters: string;

  beforeAll(async () => {
    bench = await startBench({ nodes: [{ name: 'lamp' }], crds: ['test/fixtures/crds/applications.argoproj.io.yaml'] });
    bulb = await RealNode.start(bench, 'bulb');
    clusters = describeIn(bench, ATTIC);
    bench.apply([...WORKLOADS, ...inStep()], { manager: 'operator' });
    await bench.until(
      'everything runs',
      () => {
        const pods = JSON.parse(bench.kubectl(['get', 'pods', '--all-namespaces', '--output=json'])).items;
        const ready = pods.filter((pod: never) =>
          listAt(pod, 'status', 'conditions').some(
            (each) => at(each, 'type') === 'Ready' && at(each, 'status') === 'True',
          ),
        );
        if (ready.length < 6) throw new Error(bench.kubectl(['get', 'pods', '--all-namespaces', '--output=wide']));
        return true;
      },
      60,
    );
  }, 400_000);
  afterAll(async () => {
    await bulb?.close();
    await bench?.close();
  });

  const node = () => bench.get('node', 'bulb');
  const reboot = (...args: string[]) => startReboot(bench, clusters, args).ended;

  test('without --apply nothing is changed, and the plan says what would be', async () => {
    const before = node()?.metadata.resourceVersion;
    const boot = bulb?.bootId;

    const { status, stdout, stderr } = await reboot('--node', 'bulb', '--reason', 'a new kernel');

    expect(stderr).toBe('');
    expect(stdout).toContain('  1  bulb (worker): a new kernel\n');
    expect(stdout).toMatch(/moves {8}Deployment default\/cart/);
    expect(stdout).toMatch(/left alone: lamp\n/);
    expect(stdout).toContain('nothing has been changed\n');
    expect(status).toBe(0);
    expect(bulb?.bootId).toBe(boot);
    expect(node()?.metadata.annotations?.[MARK]).toBeUndefined();
    expect(before).toBeDefined();
    expect(bench.get('lease', 'selfheal-reboot', 'kube-system')).toBeUndefined();
  });

  test('with --apply it comes back in another boot, verified, and as it was before', async () => {
    const boot = bulb?.bootId;

    const roll = reboot('--node', 'bulb', '--reason', 'a new kernel', '--apply');
    // The machine of a bench stays off when it goes down; its firmware is here.
    const how = await bulb?.machine.goneDown(60);
    await bulb?.machine.boot();
    const { status, stdout, stderr } = await roll;

    expect(how).toBe(133);

    expect(status, stderr).toBe(0);
    expect(stdout).toContain('done: bulb rebooted and verified\n');
    expect(bulb?.bootId).not.toBe(boot);
    expect(at(node()?.spec, 'unschedulable')).toBeUndefined();
    expect(node()?.metadata.annotations?.[MARK]).toBeUndefined();
    expect(listAt(node()?.spec, 'taints').filter((taint) => textAt(taint, 'key') === TAINT)).toEqual([]);
    expect(bench.get('job', 'selfheal-reboot-bulb', 'kube-system')).toBeUndefined();
    expect(textAt(bench.get('lease', 'selfheal-reboot', 'kube-system')?.spec, 'holderIdentity') ?? '').toBe('');
  });
});

/** As Argo CD leaves them when nothing is under way; none runs here. */
const inStep = (): readonly Manifest[] =>
  objectsOf(parsed(ATTIC))
    .filter(({ kind }) => kind === 'Application')
    .map((application) => ({ ...application, status: { sync: { status: 'Synced' }, health: { status: 'Healthy' } } }));

const DNS = { 'k8s-app': 'kube-dns' };
const CART = { app: 'cart' };

const deployment = (name: string, namespace: string, labels: Readonly<Record<string, string>>, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        // There is no pod network on a real node of the bench.
        hostNetwork: true,
        automountServiceAccountToken: false,
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'kubernetes.io/hostname',
            whenUnsatisfiable: 'ScheduleAnyway',
            labelSelector: { matchLabels: labels },
          },
        ],
        containers: [
          {
            name,
            image: 'docker.io/library/alpine:3.21',
            command: ['/bin/sh', '-c', 'trap exit TERM; while :; do sleep 0.2; done'],
          },
        ],
      },
    },
  },
});

const WORKLOADS = [deployment('cart', 'default', CART, 4), deployment('coredns', 'kube-system', DNS, 2)];
