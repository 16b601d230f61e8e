import { describe, expect, test } from 'vitest';
import { MINIMAL_SPEC, parsed } from '../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../support/full-clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

const HOST_KEY = `ssh-ed25519 AAAA${'C3Nz'.repeat(16)}`;
const BACKUP = {
  from: 'lamp',
  to: { host: '192.0.2.20', user: 'keeper', path: '/copies/attic', hostKey: HOST_KEY },
  at: '23:30',
  bandwidthLimitKibPerSecond: 800,
  keySecret: { name: 'copy-key', key: 'id' },
} as const;
const HOOK = {
  volume: 'home/ha',
  before: { url: 'http://ha.home:8123/api/services/recorder/disable' },
  after: { url: 'http://ha.home:8123/api/services/recorder/enable' },
} as const;

const spec = (changes: object = {}) => ({ ...MINIMAL_SPEC, backup: { ...BACKUP, ...changes } });
const backupOf = (changes: object = {}) => parsed(spec(changes)).backup;
const problems = (changes: object) => issuesOfSpec(spec(changes));

describe('what is left out', () => {
  test('has its default, and a drill is one', () => {
    expect(backupOf()).toEqual({
      form: 'snapshots',
      name: 'local-path-backup',
      namespace: 'kube-system',
      from: expect.objectContaining({ name: 'lamp' }),
      to: { ...BACKUP.to, port: 22, reservePercent: 10 },
      schedule: { at: { hour: 23, minute: 30 }, timeZone: 'Europe/Vienna' },
      bandwidthLimitKibPerSecond: 800,
      keySecret: { name: 'copy-key', key: 'id' },
      deadline: { seconds: 7200 },
      staleAfter: { seconds: 93_600 },
      keep: { snapshots: 14, within: { seconds: 2_592_000 } },
      maxShrinkPercent: 50,
      exclude: [],
      hooks: [],
      drill: {
        name: 'local-path-backup-drill',
        schedule: { day: 'sunday', at: { hour: 1, minute: 30 }, timeZone: 'Europe/Vienna' },
        scratchGibibytes: 4,
      },
      offsite: null,
    });
  });

  test('has its default in the parts of a part', () => {
    expect(backupOf({ keep: { snapshots: 3 } })).toMatchObject({
      keep: { snapshots: 3, within: { seconds: 2_592_000 } },
    });
    expect(backupOf({ drill: { day: 'friday' } })).toMatchObject({
      drill: { schedule: { day: 'friday', at: { hour: 1, minute: 30 } } },
    });
    expect(backupOf({ hooks: [HOOK] })).toMatchObject({
      hooks: [{ before: { body: '{}' }, after: { body: '{}' }, tokenSecret: null, timeout: { seconds: 30 } }],
    });
  });

  test('is no drill only where it is switched off', () => {
    expect(backupOf({ drill: 'off' })).toMatchObject({ drill: null });
  });
});

test('names the other CronJobs after the first', () => {
  const { backup } = parsed(FULL_K3S_SPEC);

  expect(backup).toMatchObject({
    name: 'nightly-copy',
    drill: { name: 'nightly-copy-drill' },
    offsite: { name: 'nightly-copy-offsite', schedule: { at: { hour: 23, minute: 15 }, timeZone: 'Europe/Vienna' } },
  });
});

test('the mirror form has no part of the snapshots', () => {
  expect(backupOf({ form: 'mirror' })).toEqual({
    form: 'mirror',
    name: 'local-path-backup',
    namespace: 'kube-system',
    from: expect.objectContaining({ name: 'lamp' }),
    to: { ...BACKUP.to, port: 22 },
    schedule: { at: { hour: 23, minute: 30 }, timeZone: 'Europe/Vienna' },
    bandwidthLimitKibPerSecond: 800,
    keySecret: { name: 'copy-key', key: 'id' },
    deadline: { seconds: 7200 },
    staleAfter: { seconds: 93_600 },
  });
});

describe('what is wrong', () => {
  test('is told at once, each with its place', () => {
    expect(
      problems({
        keep: { snapshots: 2, within: '12h' },
        maxShrinkPercent: 0,
        exclude: ['home', 'home/ha', 'home/ha'],
        drill: { day: 'sundy', at: '25:00', scratchGibibytes: 0 },
        offsite: { at: '05:00', to: BACKUP.to, keySecret: BACKUP.keySecret, kep: {} },
      }),
    ).toEqual([
      'backup.keep.snapshots: expected a whole number from 3 to 1000, got 2',
      'backup.keep.within: expected a duration from 1d to 3650d (units s, min, h, d), got "12h"',
      'backup.maxShrinkPercent: expected a whole number from 1 to 100, got 0',
      'backup.exclude[0]: expected a namespace and a claim, e.g. "home/home-assistant", got "home"',
      'backup.exclude[2]: expected each item once, got "home/ha" which [1] is too',
      'backup.drill.day: expected one of "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", got "sundy"; did you mean "sunday"?',
      'backup.drill.at: expected a time of day from "00:00" to "23:59", got "25:00"',
      'backup.drill.scratchGibibytes: expected a whole number from 1 to 1000, got 0',
      'backup.offsite.kep: unknown key; did you mean "keep"?',
      'backup.offsite.bandwidthLimitKibPerSecond: expected a whole number from 1 to 1000000, got nothing',
    ]);
  });

  test('is a form that is misspelt, beside what is wrong in either form', () => {
    expect(problems({ form: 'miror', at: '2:30', to: { ...BACKUP.to, reservePercent: 0 } })).toEqual([
      'backup.form: expected one of "snapshots", "mirror", got "miror"; did you mean "mirror"?',
      'backup.at: expected a time of day from "00:00" to "23:59", got "2:30"',
    ]);
  });

  test.each(['keep', 'maxShrinkPercent', 'exclude', 'hooks', 'drill', 'offsite'])(
    'is %s in the mirror form, which says where it belongs',
    (key) => {
      expect(problems({ form: 'mirror', [key]: {} })).toEqual([
        `backup.${key}: unknown key; it belongs to form: "snapshots"`,
      ]);
    },
  );

  test.each([
    ['ftp://ha.home/x', 'another protocol'],
    ['http://user:word@ha.home/x', 'a password in it'],
    ['http://ha.home/x y', 'a blank'],
    ['http://ha.home/"x"', 'a quote'],
    ['http://ha.home/$(id)', 'what a shell would run'],
    ['http:///x', 'no machine'],
    ['http://ha.home:99999/', 'no such port'],
  ])('is a hook with %s: %s', (url) => {
    const [problem, ...others] = problems({ hooks: [{ ...HOOK, before: { url } }] });

    expect(others).toEqual([]);
    expect(problem).toMatch(/^backup\.hooks\[0\]\.before\.url: expected an http or https URL without a password/);
  });

  test('is a hook without the request that ends what it began', () => {
    expect(problems({ hooks: [{ volume: 'home/ha', before: HOOK.before }] })).toEqual([
      'backup.hooks[0].after: expected an object with url (and body if wanted), got nothing',
    ]);
  });

  test('is a body that is no JSON', () => {
    expect(problems({ hooks: [{ ...HOOK, after: { ...HOOK.after, body: '{a}' } }] })).toEqual([
      'backup.hooks[0].after.body: expected JSON as a text, e.g. "{}", got "{a}"',
    ]);
  });

  test('is a hook of a volume that has one already, or that is not copied', () => {
    expect(problems({ hooks: [HOOK, HOOK], exclude: ['home/ha'] })).toEqual([
      'backup.hooks[1].volume: expected a volume of its own, got "home/ha" which hooks[0] has',
      'backup.hooks[0].volume: expected a volume that is copied, got "home/ha", which exclude names',
      'backup.hooks[1].volume: expected a volume that is copied, got "home/ha", which exclude names',
    ]);
  });

  test.each([
    ['-drill', {}, 46],
    ['-offsite', { offsite: { ...BACKUP, from: undefined, at: '05:00' } }, 44],
  ])('is a name that leaves no room for %s', (suffix, changes, most) => {
    const { from: _, ...offsite } = BACKUP;
    const sections = 'offsite' in changes ? { offsite: { ...offsite, at: '05:00' } } : {};

    expect(problems({ ...sections, name: 'a'.repeat(most) })).toEqual([]);
    expect(problems({ ...sections, name: 'a'.repeat(most + 1) })).toEqual([
      `backup.name: expected at most ${most} characters ("${suffix}" is added), got "${'a'.repeat(most + 1)}"`,
    ]);
  });
});
