/** What a container wrote, as a real kubelet hands it out. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/live/connect.js';
import type { KubeApi } from '../../../src/live/kube-api.js';
import { textAt } from '../../../src/manifest/json.js';
import type { Answer } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from '../bench/bench.js';
import { describeWithNode } from '../bench/describe-with-node.js';
import { RealNode } from '../bench/real-node.js';

const pod = (name: string, script: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shelf', name },
  spec: {
    nodeName: 'attic',
    hostNetwork: true,
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: 'docker.io/library/alpine:3.21',
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/sh', '-c', script],
      },
    ],
  },
});

describeWithNode('the log of a container', () => {
  let bench: Bench;
  let node: RealNode | undefined;
  let api: KubeApi;

  const ends = (name: string): Promise<unknown> =>
    bench.until(`the pod ${name} has ended`, () => {
      const found = bench.get('pod', name, 'shelf');
      return found && textAt(found, 'status', 'phase') === 'Succeeded' ? found : undefined;
    });
  const log = (name: string, options = {}): Promise<Answer<string>> =>
    api.log({ namespace: 'shelf', name }, { container: 'main', ...options });
  const linesIn = (answer: Answer<string>): readonly string[] => {
    if (!answer.ok) throw new Error(answer.failure.message);
    return answer.value.split('\n').filter((line) => line !== '');
  };

  beforeAll(async () => {
    bench = await startBench({ nodes: [], crds: [] });
    node = await RealNode.start(bench, 'attic');
    bench.kubectl(['create', 'namespace', 'shelf']);
    await bench.until('the namespace has its account', () => bench.get('serviceaccount', 'default', 'shelf'));
    const scripts = {
      three: 'echo one; echo two; printf three',
      silent: 'true',
      much: 'i=0; while [ $i -lt 20000 ]; do echo "$i 0123456789012345678901234567890123456789"; i=$((i+1)); done',
    };
    bench.apply(
      Object.entries(scripts).map(([name, script]) => pod(name, script)),
      { manager: 'test' },
    );
    await Promise.all(Object.keys(scripts).map(ends));
    api = connect({ context: 'bench', kubeconfig: bench.kubeconfig, timeout: { seconds: 30 }, environment: {} });
  });
  afterAll(async () => {
    api?.close();
    await node?.close();
    await bench?.close();
  });

  test('is not taken for whole where it is too long: its end is what was asked for', async () => {
    const [all, last] = [await log('much'), await log('much', { tailLines: 2 })];

    expect(all.ok || all.failure.message).toBe(
      'log of Pod shelf/much, container main: expected less than 1048576 bytes, got more; ask for fewer lines',
    );
    expect(linesIn(last).map((line) => line.split(' ')[1])).toEqual(['19998', '19999']);
  });

  test('that nothing was written to is empty', async () => {
    expect(await log('silent')).toEqual({ ok: true, value: '' });
  });

  test('has the time of each line, the newest last', async () => {
    const lines = linesIn(await log('three')).map((line) => line.split(' '));

    expect(lines.map(([, text]) => text)).toEqual(['one', 'two', 'three']);
    expect(lines.map(([time = '']) => Number.isNaN(Date.parse(time)))).toEqual([false, false, false]);
    expect(linesIn(await log('three', { tailLines: 1 })).map((line) => line.split(' ')[1])).toEqual(['three']);
  });

  test('of a container that there is not, or of no such pod, is a failure', async () => {
    const answers = [await api.log({ namespace: 'shelf', name: 'three' }, { container: 'other' }), await log('nobody')];

    expect(answers.map((answer) => (answer.ok ? answer.value : answer.failure))).toEqual([
      { kind: 'refused', message: expect.stringContaining('container other is not valid for pod three') },
      { kind: 'refused', message: expect.stringContaining('pods "nobody" not found') },
    ]);
  });
});
