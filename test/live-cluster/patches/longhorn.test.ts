/** What Longhorn makes by itself, patched: its CSI sidecars, its Settings and its BackupTarget. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { argosFieldsBeyond } from '../../../src/ops/foreign/field-ownership.js';
import { at } from '../../support/change.js';
import { homelab, objectsOf } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, refreshAll } from '../support/applications.js';
import { deleteSidecars, deploySidecars, installLonghorn } from '../world/longhorn.js';
import { nodesOf } from '../world/nodes.js';
import { freshFrom, Patched, withSyncPolicy } from './patched.js';

const CLUSTER = homelab();
const RELEASE = { version: '1.11.3', sidecars: 2 };
const ATTACHER = ['deployment', 'csi-attacher', 'longhorn-system'] as const;
const SPREAD = 'spec.template.spec.topologySpreadConstraints';
const SETTING = ['settings.longhorn.io', 'allow-recurring-job-while-volume-detached', 'longhorn-system'] as const;
const TARGET = ['backuptargets.longhorn.io', 'default', 'longhorn-system'] as const;
/** An owner is away for minutes; Argo CD's back-off is shorter than this from the second try on. */
const AWAY_MS = 25_000;
const DESCRIBED = objectsOf(CLUSTER, 'longhorn-csi-spread');
const EXPECTED = at(DESCRIBED[0], SPREAD);

let bench: Bench;
let spread: Patched;
let own: Patched;
beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(CLUSTER), argo: true });
  installLonghorn(bench, RELEASE);
  spread = new Patched(bench, CLUSTER, ['longhorn-csi-spread']);
  own = new Patched(bench, CLUSTER, ['longhorn-settings', 'longhorn-backup-target']);
}, 180_000);
afterAll(() => bench?.close());

/**
 * As a program does that has read nothing of ours: the object becomes what it knows, annotations and all. Tried again
 * where somebody else writes the object's status in the same moment.
 */
const overwrite = (object: Manifest): Promise<true> =>
  bench.until(`${object.kind} ${object.metadata.name} is written over`, () => {
    bench.kubectl(['replace', '--field-manager=longhorn-manager', '--filename=-'], JSON.stringify(object));
    return true;
  });

describe('the CSI sidecars', () => {
  test('get their spread, and keep every field of the driver deployer', async () => {
    const before = bench.get(...ATTACHER);
    await spread.sync(spread.files());

    const after = await spread.untilField(ATTACHER, SPREAD, EXPECTED);

    expect(DESCRIBED).toHaveLength(4);
    expect(DESCRIBED[0] && argosFieldsBeyond(after, DESCRIBED[0])).toEqual([]);
    expect(at(after, 'spec.replicas')).toBe(RELEASE.sidecars);
    expect(at(after, 'spec.template.spec.affinity')).toEqual(at(before, 'spec.template.spec.affinity'));
    expect(at(after, 'spec.template.spec.containers')).toEqual(at(before, 'spec.template.spec.containers'));
  });

  test('have it again after the driver deployer wrote over all of the object', async () => {
    const before = bench.get(...ATTACHER);
    if (before === undefined) throw new Error('csi-attacher: expected, got none');
    const fresh = freshFrom(before);
    const pod = Object(at(fresh, 'spec.template.spec'));
    delete pod.topologySpreadConstraints;
    await overwrite(fresh);
    spread.look();

    const after = await spread.untilField(ATTACHER, SPREAD, EXPECTED);

    expect(after.metadata.annotations).toHaveProperty(['selfheal.dev/foreign'], 'partial');
    expect(after.metadata.uid).toBe(before.metadata.uid);
  });

  test('have it again after an upgrade that was away for longer than the first tries, without a commit', async () => {
    deleteSidecars(bench);
    spread.look();
    await delay(AWAY_MS);
    expect(bench.get(...ATTACHER), 'nobody but Longhorn makes it').toBeUndefined();
    deploySidecars(bench, { ...RELEASE, version: '1.11.4' });

    const after = await spread.untilField(ATTACHER, SPREAD, EXPECTED, 240);

    expect(after.metadata.annotations).toHaveProperty(['driver.longhorn.io/version'], 'v1.11.4');
    await bench.until('Synced', () =>
      applicationOf(bench, 'selfheal-longhorn-csi-spread').sync === 'Synced' ? true : undefined,
    );
  }, 300_000);

  test('lose only the spread when it is taken back', async () => {
    const before = bench.get(...ATTACHER);
    await spread.sync(spread.files({ retiring: ['longhorn-csi-spread'] }));

    const after = await spread.untilField(ATTACHER, SPREAD, undefined);

    expect(at(after, 'spec.replicas')).toBe(RELEASE.sidecars);
    expect(at(after, 'spec.template.spec.containers')).toEqual(at(before, 'spec.template.spec.containers'));
    expect(after.metadata.uid).toBe(before?.metadata.uid);
  });

  test('lose it for good, without a word, where the tries are counted', async () => {
    bench.kubectl(['delete', 'application', 'selfheal-longhorn-csi-spread', '--namespace=argocd', '--wait']);
    const counted = spread.files({}, ({ manifest }) =>
      manifest.kind === 'Application'
        ? withSyncPolicy(manifest, { retry: { limit: 1, backoff: { duration: '1s', maxDuration: '2s' } } })
        : manifest,
    );
    await spread.sync(counted);
    await spread.untilField(ATTACHER, SPREAD, EXPECTED);
    deleteSidecars(bench);
    spread.look();
    await bench.until(
      'the tries ran out',
      () => {
        const { phase, message } = applicationOf(bench, 'selfheal-longhorn-csi-spread');
        if (phase === 'Failed' || phase === 'Error') return true;
        throw new Error(`${phase}: ${message}`);
      },
      90,
    );
    deploySidecars(bench, RELEASE);
    await refreshAll(bench, spread.applications);
    // The back-off was 2 s.
    await delay(6_000);

    expect(at(bench.get(...ATTACHER), SPREAD)).toBeUndefined();
    expect(applicationOf(bench, 'selfheal-longhorn-csi-spread').sync).toBe('OutOfSync');
  });
});

describe('a Setting and the BackupTarget', () => {
  const uidsOfOwn = () => [bench.get(...SETTING), bench.get(...TARGET)].map((object) => object?.metadata.uid);

  test('are as described', async () => {
    await own.sync(own.files());

    await own.untilField(SETTING, 'value', 'true');
    await own.untilField(TARGET, 'spec.backupTargetURL', '');
  });

  test('are as described again after Longhorn wrote over them', async () => {
    const [setting, target] = [bench.get(...SETTING), bench.get(...TARGET)];
    if (setting === undefined || target === undefined) throw new Error('Longhorn: expected its objects, got none');
    await overwrite({ ...freshFrom(setting), value: 'false' });
    await overwrite({
      ...freshFrom(target),
      spec: { backupTargetURL: 'nfs://192.0.2.9:/export', credentialSecret: '', pollInterval: '5m0s' },
    });
    own.look();

    await own.untilField(SETTING, 'value', 'true');
    await own.untilField(TARGET, 'spec.backupTargetURL', '');
  });

  test('stay when they are taken back: the Setting with its value, the BackupTarget without ours', async () => {
    const uids = uidsOfOwn();
    await own.sync(own.files({ retiring: ['longhorn-settings', 'longhorn-backup-target'] }));

    const target = await own.untilField(TARGET, 'spec.backupTargetURL', undefined);

    expect(target.metadata.annotations).toHaveProperty(['selfheal.dev/foreign'], 'retiring');
    // Longhorn set that one as well.
    expect(at(target, 'spec.pollInterval')).toBe('5m0s');
    expect(at(bench.get(...SETTING), 'value')).toBe('true');
    expect(uidsOfOwn()).toEqual(uids);
  });
});
