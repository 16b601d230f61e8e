/** Nodes whose kubelets are simulated, with somebody who plays their hosts: the Job enters one, and it boots again. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, listAt, textAt } from '../../../src/manifest/json.js';
import type { Bench } from '../bench/bench.js';
import { listed } from './rolled.js';

/** What becomes of a node whose Job has run. */
type Fate = 'back' | 'never back';

export interface Played {
  /** Of each boot that was ended by a Job, its node. */
  readonly rebooted: readonly string[];
  readonly fate: (fate: Fate) => void;
  /** Somebody presses the button of one that never came back. */
  readonly powerOn: (node: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

const PODS = '/api/v1/namespaces/kube-system/pods?labelSelector=app.kubernetes.io%2Fname%3Dselfheal-reboot';

interface Watching {
  /** A node has begun with this boot. @default nobody has to know */
  readonly booted?: (node: string, bootId: string) => void;
}

export async function playHosts(bench: Bench, names: readonly string[], { booted }: Watching = {}): Promise<Played> {
  const rebooted: string[] = [];
  let fate: Fate = 'back';
  /** Of boots. A node may stand with one that has ended, and what was read of it may be older. */
  const endedBoots = new Set<string>();
  let ending = false;

  async function status(path: string, body: object): Promise<void> {
    const type = 'application/strategic-merge-patch+json';
    const answer = await bench.send('PATCH', `${path}/status`, { body: JSON.stringify({ status: body }), type });
    if (answer.status !== 200) throw new Error(`${path}: expected its status taken, got ${answer.text}`);
  }

  async function boot(name: string): Promise<void> {
    const bootID = randomUUID();
    await status(`/api/v1/nodes/${name}`, {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'booted' }],
      nodeInfo: { bootID },
    });
    booted?.(name, bootID);
  }

  /** As host-reboot.sh does: only out of the boot that the Job was made for, and only where its pod has run. */
  async function obey(): Promise<void> {
    const [pods, nodes] = await Promise.all([listed(bench, PODS), listed(bench, '/api/v1/nodes')]);
    for (const pod of pods) {
      const [container] = listAt(pod, 'status', 'containerStatuses');
      if (container === undefined || at(container, 'state', 'waiting') !== undefined) continue;
      const name = textAt(pod, 'spec', 'nodeName') ?? '';
      const node = nodes.find(({ metadata }) => metadata.name === name);
      const boots = pod.metadata.annotations?.['selfheal.dev/boot-id'];
      if (boots === undefined || textAt(node, 'status', 'nodeInfo', 'bootID') !== boots) continue;
      if (endedBoots.has(boots)) continue;
      endedBoots.add(boots);
      rebooted.push(name);
      if (fate === 'never back') await goAway(name);
      else await boot(name);
    }
  }

  async function goAway(name: string): Promise<void> {
    // Who plays its kubelet would say that it is Ready.
    bench.kubectl(['annotate', 'node', name, 'kwok.x-k8s.io/node-']);
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'silent' }];
    await status(`/api/v1/nodes/${name}`, { conditions });
  }

  await bench.until('the nodes are there', async () => {
    const seen = await listed(bench, '/api/v1/nodes');
    return seen.every((node) => listAt(node, 'status', 'conditions').length > 0) ? true : undefined;
  });
  for (const name of names) await boot(name);
  const playing = (async () => {
    while (!ending) {
      // The API server may be away for a while.
      await obey().catch(() => undefined);
      await sleep(100);
    }
  })();
  return {
    rebooted,
    fate: (next) => {
      fate = next;
    },
    powerOn: async (name) => {
      bench.kubectl(['annotate', 'node', name, 'kwok.x-k8s.io/node=fake']);
      await boot(name);
    },
    end: async () => {
      ending = true;
      await playing;
    },
  };
}
