import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { longhornBackupAgeCheck } from '../../../../src/ops/check/checks/longhorn-backup-age.js';
import { failure, live, lookOf, minutesAgo } from '../../../support/check-facts.js';
import { homelab, minimal, parsed } from '../../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../../support/full-clusters.js';

const HOUR = 60;
const NS = 'longhorn-system';
const described = (longhorn: object = {}) =>
  parsed({ ...FULL_K3S_SPEC, longhorn: { ...FULL_K3S_SPEC.longhorn, ...longhorn } });

type Fields = { readonly [key: string]: Json };
const volume = (name: string, hours: number | null, status: Fields = {}, metadata: Fields = {}): LiveObject =>
  live('Volume', `${NS}/${name}`, {
    metadata: { creationTimestamp: minutesAgo(900 * HOUR), ...metadata },
    status: {
      state: 'attached',
      lastBackupAt: hours === null ? '' : minutesAgo(hours * HOUR),
      kubernetesStatus: { namespace: 'media', pvcName: name },
      ...status,
    },
  });
const NODES = [live('Node', `${NS}/attic`)];

const answer = (volumes: readonly LiveObject[], cluster = described(), known = {}) =>
  longhornBackupAgeCheck.answer(lookOf({ cluster }, { longhornVolumes: volumes, longhornNodes: NODES, ...known }));

test('volumes that were copied within 26 hours are well', () => {
  expect(answer([volume('films', 26), volume('music', 1)])).toMatchObject([
    { verdict: 'pass', found: '2 volumes, none for longer than 26 hours' },
  ]);
});

test('one that was not is named with its claim, and how long ago it was', () => {
  expect(answer([volume('films', 26.1), volume('music', 1)])).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: `Volume ${NS}/films (claim media/films)`,
      expected: 'a backup within 26 hours',
      found: 'the last one was 1 d 2 h ago',
      next: expect.stringMatching(/^kubectl -n longhorn-system get backuptargets/),
    }),
  ]);
});

describe('one that was never copied', () => {
  const made = (hours: number) => volume('films', null, {}, { creationTimestamp: minutesAgo(hours * HOUR) });

  test('has as long for its first backup', () => {
    expect(answer([made(26)])).toMatchObject([{ verdict: 'pass' }]);
  });

  test('fails after that', () => {
    expect(answer([made(27)])).toMatchObject([{ verdict: 'fail', found: 'none since it was made 1 d 3 h ago' }]);
  });
});

test.each([
  ['of a claim that is left out by name', { excludeVolumes: ['media/films'] }],
  ['that is left out by its own name', { excludeVolumes: ['films'] }],
])('a volume %s is not asked for a backup, and another is', (_, longhorn) => {
  const cluster = described(longhorn);

  expect(answer([volume('films', null)], cluster)).toMatchObject([
    { verdict: 'pass', found: 'there is none to be copied' },
  ]);
  expect(answer([volume('films', null), volume('music', 40)], cluster).map(({ subject }) => subject)).toEqual([
    `Volume ${NS}/music (claim media/music)`,
  ]);
});

test('a detached one is asked, but where the description leaves those out', () => {
  const detached = [volume('films', 40, { state: 'detached' })];

  expect(answer(detached)).toMatchObject([{ verdict: 'fail' }]);
  expect(answer(detached, described({ detachedVolumes: 'leave-out' }))).toMatchObject([{ verdict: 'pass' }]);
});

test('one that may have been detached when it was left out cannot be told', () => {
  expect(answer([volume('films', 40)], described({ detachedVolumes: 'leave-out' }))).toMatchObject([
    { verdict: 'unknown', found: expect.stringMatching(/^the last one was 1 d 16 h ago; whether it was left out/) },
  ]);
});

test.each([
  ['of another namespace', live('Volume', 'other/films', { status: {} })],
  ['that is being deleted', volume('films', 40, {}, { deletionTimestamp: minutesAgo(1) })],
])('a volume %s is none of these', (_, other) => {
  expect(answer([other])).toMatchObject([{ verdict: 'pass', found: 'there is none to be copied' }]);
});

test('a backup from the future says that a clock is off, not that all is well', () => {
  const ahead = (seconds: number) => answer([volume('films', -seconds / 3_600)])[0]?.verdict;

  expect([ahead(60), ahead(61), ahead(3_600)]).toEqual(['pass', 'unknown', 'unknown']);
});

test.each([
  ['volumes', { longhornVolumes: failure('403') }],
  ['nodes', { longhornNodes: failure('403') }],
  ['any node of Longhorn', { longhornNodes: [live('Node', 'other/attic')] }],
])('without %s it cannot be told', (_, known) => {
  expect(answer([volume('films', 1)], described(), known).map(({ verdict }) => verdict)).toEqual(['unknown']);
});

test("without the API server's time it cannot be told", () => {
  const look = lookOf(
    { cluster: described(), now: failure('no date') },
    { longhornVolumes: [volume('films', 1)], longhornNodes: NODES },
  );

  expect(longhornBackupAgeCheck.answer(look)).toMatchObject([{ verdict: 'unknown', found: 'no date' }]);
});

test('is asked only where volumes are copied to an object store', () => {
  const applies = [minimal(), homelab(), described()].map((each) => longhornBackupAgeCheck.applies?.(each));

  expect(applies).toEqual([false, false, true]);
});
