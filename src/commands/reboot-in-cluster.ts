/**
 * One roll from inside the cluster: the same plan, the same lock and the same steps as `selfheal reboot --apply`.
 *
 * What the verb reads from a description stands in two files beside the program, rendered when the description was.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import { readCluster } from '../cluster/transfer.js';
import { OperatorError } from '../errors.js';
import { inCluster } from '../live/in-cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import { beginText } from '../ops/reboot/plan-text.js';
import { isWithin } from '../ops/reboot/window.js';
import type { Io } from './command.js';
import { applyRoll } from './reboot-apply.js';
import { createChecks } from './reboot-checks.js';
import { notifierOf } from './reboot-notify.js';
import { placeOf, planned, rollOptions } from './reboot-planned.js';

/** For one question; a roll must not act on what it saw longer ago. */
const QUESTION = { seconds: 10 };

const USAGE = 'Usage: rolling-reboot.cjs DESCRIPTION TOKEN: the folders of the description and of the ServiceAccount';

/** Exit status: 0 done, nothing to do or the time for it is over, 1 stopped, 2 something cannot be told. */
export async function rollInCluster(args: readonly string[], io: Io): Promise<0 | 1 | 2> {
  try {
    return await roll(args, io);
  } catch (error) {
    if (error instanceof OperatorError) for (const line of [error.message, ...error.hints]) io.err(line);
    else io.err(error instanceof Error && error.stack !== undefined ? error.stack : String(error));
    return 2;
  }
}

async function roll([description, folder, ...more]: readonly string[], io: Io): Promise<0 | 1 | 2> {
  if (description === undefined || folder === undefined || more.length > 0) throw new OperatorError(USAGE);
  const cluster = readCluster(readFileSync(join(description, 'cluster.json'), 'utf8'));
  const rendered = JSON.parse(readFileSync(join(description, 'rendered.json'), 'utf8')) as readonly PlacedManifest[];
  const { schedule } = cluster.reboots;
  const options = rollOptions(cluster);
  const { connectToAct } = await import('../live/act.js');
  const api = connectToAct(inCluster({ environment: io.environment, timeout: QUESTION, folder }));
  try {
    const checks = createChecks(api, cluster, async () => rendered);
    const asked = { api, cluster, options, checks, named: [], reason: undefined, undo: false };
    const { plan, wanted } = await planned(asked).catch(async (error: unknown) => {
      await tellNotBegun(api, cluster, { error, say: io.err });
      throw error;
    });
    for (const line of beginText(plan, placeOf(api))) io.err(line);
    const mayBegin = schedule === null ? null : (time: Date) => isWithin(schedule, time);
    return await applyRoll({ ...asked, wanted, mayBegin, reason: null, output: 'text' }, io);
  } finally {
    api.close();
  }
}

interface NotBegun {
  readonly error: unknown;
  readonly say: (line: string) => void;
}

/** There is nobody at a desk who would read it, and an update that waits for weeks is not seen by itself. */
async function tellNotBegun(api: KubeApi, cluster: Cluster, { error, say }: NotBegun): Promise<void> {
  if (!(error instanceof OperatorError)) return;
  const notifier = await notifierOf(api, cluster, say);
  const text = [`no roll was begun: ${error.message}`, ...error.hints].join('\n');
  notifier?.tell({ event: 'stopped', cluster: cluster.name, node: null, roll: null, text });
  await notifier?.settled();
}
