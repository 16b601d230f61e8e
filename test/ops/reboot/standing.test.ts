/** What stands of a roll, and what of it is still to be done. */
import { describe, expect, test } from 'vitest';
import {
  elsewhere,
  isAnotherBoot,
  isBegun,
  leftBehind,
  remaining,
  unreadable,
} from '../../../src/ops/reboot/standing.js';
import { MARK, marked, ROLL, rolling, withJob, withNode, world } from './looks.js';

describe('another boot', () => {
  test('is one that both are known of, and that differs', () => {
    expect(isAnotherBoot('b-1', 'b-2')).toBe(true);
    expect(isAnotherBoot('b-1', 'b-1')).toBe(false);
  });

  test.each([
    ['', 'b-1'],
    ['b-1', ''],
    ['', ''],
  ])('is not taken for one where it is not known: %j, %j', (before, now) => {
    expect(isAnotherBoot(before, now)).toBe(false);
  });
});

describe('a node of a roll', () => {
  const seen = world().look();

  test('is still to be done where its boot is not known, now or then, or it is not there', () => {
    expect(remaining(ROLL, withNode(seen, 'attic', { bootId: '' }))).toEqual(['attic', 'barn']);
    expect(remaining({ ...ROLL, boots: { barn: '' } }, seen)).toEqual(['attic', 'barn']);
    expect(remaining(ROLL, { ...seen, nodes: [] })).toEqual(['attic', 'barn']);
  });

  test('is done by somebody else where its boot is another, and by the roll where it says so', () => {
    const rebooted = withNode(seen, 'attic', { bootId: 'attic-boot-2' });

    expect([remaining(ROLL, rebooted), elsewhere(ROLL, rebooted)]).toEqual([['barn'], ['attic']]);
    expect([
      remaining({ ...ROLL, done: ['attic'] }, rebooted),
      elsewhere({ ...ROLL, done: ['attic'] }, rebooted),
    ]).toEqual([['barn'], []]);
  });
});

test('each node that is not as it was is told, and each Job, but for what goes with this run', () => {
  const job = withJob(world().look()).jobs[0];
  const node = (change: object) => leftBehind(withNode(marked(world().look()), 'attic', change));
  const jobs = (...all: readonly object[]) =>
    leftBehind({ ...world().look(), jobs: all.map((each) => ({ ...job, ...each }) as never) });

  expect(node({})).toEqual(['node attic: marked, cordoned by the roll, Ready']);
  expect(node({ unschedulable: false, ready: false })).toEqual(['node attic: marked, not cordoned, not Ready']);
  expect(node({ mark: { ...MARK, cordoned: 'by-others', why: 'a budget' } })).toEqual([
    'node attic: marked, cordoned by somebody else, Ready: a budget',
  ]);
  expect(node({ mark: 'unreadable' })).toEqual(["node attic: has a mark that is not a roll's"]);
  expect(jobs({}, { node: 'barn', going: true })).toEqual([
    'Job kube-system/selfheal-reboot-attic: is there',
    'Job kube-system/selfheal-reboot-barn: is being removed',
  ]);
  expect(jobs({ uid: null }, { overSsh: true })).toEqual([]);
});

describe('a roll is begun', () => {
  const seen = world().look();

  test('not where nothing is noted, marked or made', () => {
    expect(isBegun(seen)).toBe(false);
    expect(isBegun(rolling(seen, { done: ['attic', 'barn'] }))).toBe(false);
  });

  test('where something of it is still to be done, or a mark or a Job is there, whoever tells of it', () => {
    expect(isBegun(rolling(seen, { done: ['attic'] }))).toBe(true);
    expect(isBegun(withNode(seen, 'cellar', { mark: MARK }))).toBe(true);
    expect(isBegun(withJob(seen))).toBe(true);
  });
});

test('what nobody can read is named, and what is ours is not', () => {
  expect(unreadable(marked(rolling(world().look(), {})))).toEqual([]);
  expect(
    unreadable({
      ...withNode(world().look(), 'barn', { mark: 'unreadable' }),
      lease: { uid: 'lease', resourceVersion: '7', holder: '', durationMs: 60_000, roll: 'unreadable' },
    }),
  ).toEqual([
    "Lease kube-system/selfheal-reboot: its annotation is not a roll's",
    "node barn: has a mark that is not a roll's",
  ]);
});
