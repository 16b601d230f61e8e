/**
 * Jiva's controllers and operator as far as a drained node sees them: a replica whose pod was made anew is filled for a
 * while before it counts, and what is known of a volume whose controller is away is forgotten.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { listAt, textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Bench } from '../bench/bench.js';
import { type JivaStatus, writeJivaStatus } from './jiva.js';

const REPLICAS = 3;
const FILL_MS = 2_000;
const TICK_MS = 100;
const PODS = '/api/v1/namespaces/openebs/pods?labelSelector=openebs.io%2Fcas-type%3Djiva';

export interface JivaVolumes {
  /** The most replicas of one volume that were away at once, seen at every look. */
  readonly mostAway: () => number;
  readonly end: () => Promise<void>;
}

/** Of volumes that are whole. */
export async function playJiva(bench: Bench, volumes: readonly string[]): Promise<JivaVolumes> {
  /** When the pod of this uid was first seen to run; those of the beginning have their data. */
  const joined = new Map((await ready(bench)).map(({ metadata }) => [metadata.uid, Number.NEGATIVE_INFINITY]));
  const told = new Map<string, string>();
  let [mostAway, ending] = [0, false];

  async function look(): Promise<void> {
    const pods = await ready(bench);
    for (const { metadata } of pods) if (!joined.has(metadata.uid)) joined.set(metadata.uid, performance.now());
    for (const volume of volumes) {
      const its = pods.filter(({ metadata }) => metadata.labels?.['openebs.io/persistent-volume'] === volume);
      const replicas = its
        .filter(({ metadata }) => metadata.labels?.['openebs.io/component'] === 'jiva-replica')
        .map(({ metadata, status }) => ({
          address: `tcp://${textAt(status, 'podIP')}:9502`,
          mode: performance.now() - (joined.get(metadata.uid) ?? 0) < FILL_MS ? 'WO' : 'RW',
        }));
      const healthy = replicas.filter(({ mode }) => mode === 'RW').length;
      mostAway = Math.max(mostAway, REPLICAS - healthy);
      const status: JivaStatus =
        its.length === replicas.length
          ? { status: '', phase: 'Unknown', replicaStatus: null }
          : {
              status: healthy * 2 > REPLICAS ? 'RW' : 'RO',
              phase: healthy === REPLICAS ? 'Ready' : 'Syncing',
              replicaCount: replicas.length,
              replicaStatus: replicas,
            };
      if (told.get(volume) === JSON.stringify(status)) continue;
      await writeJivaStatus(bench, volume, status);
      told.set(volume, JSON.stringify(status));
    }
  }

  const playing = (async () => {
    while (!ending) {
      // The API server may be busy: it looks again.
      await look().catch(() => undefined);
      await sleep(TICK_MS);
    }
  })();
  return {
    mostAway: () => mostAway,
    end: async () => {
      ending = true;
      await playing;
    },
  };
}

async function ready(bench: Bench): Promise<readonly LiveObject[]> {
  const { status, text } = await bench.send('GET', PODS);
  if (status !== 200) throw new Error(`${PODS}: expected 200, got ${status}: ${text}`);
  // What the API server says of its objects.
  return (JSON.parse(text).items as readonly LiveObject[]).filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      listAt(pod.status, 'conditions').some(
        (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
      ),
  );
}
