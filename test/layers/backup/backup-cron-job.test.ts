import { describe, expect, test } from 'vitest';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';
import { atticWith, FOLDER, find, jobOf, mirror, whole } from './backups.js';

const names = (cluster = homelab()) =>
  objectsOf(cluster, FOLDER)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .sort();

test('adds nothing to a cluster that asks for no backup', () => {
  expect(objectsOf(pvek8s(), FOLDER)).toEqual([]);
  expect(objectsOf(minimal(), FOLDER)).toEqual([]);
});

test('is a CronJob with its policy for each place and one for the drill, and holds no Secret', () => {
  expect(names(whole())).toEqual([
    'ConfigMap nightly-files',
    'CronJob nightly',
    'CronJob nightly-drill',
    'CronJob nightly-offsite',
    'NetworkPolicy nightly',
    'NetworkPolicy nightly-drill',
    'NetworkPolicy nightly-offsite',
  ]);
});

test('is one CronJob where there is neither drill nor second place', () => {
  const alone = ['ConfigMap local-path-backup-files', 'CronJob local-path-backup', 'NetworkPolicy local-path-backup'];

  expect(names(atticWith({ drill: 'off' }))).toEqual(alone);
  expect(names(mirror())).toEqual(alone);
});

describe('schedule', () => {
  test("is at the time of the node's own clock", () => {
    expect(find(homelab(), 'CronJob', FOLDER).spec).toMatchObject({
      schedule: '30 2 * * *',
      timeZone: 'America/Edmonton',
    });
    expect(find(whole(), 'CronJob', 'nightly').spec).toMatchObject({
      schedule: '45 4 * * *',
      timeZone: 'Europe/Vienna',
    });
    expect(find(whole(), 'CronJob', 'nightly-offsite').spec).toMatchObject({
      schedule: '10 22 * * *',
      timeZone: 'Europe/Vienna',
    });
  });

  test('of the drill is once a week', () => {
    expect(find(whole(), 'CronJob', 'nightly-drill').spec).toMatchObject({
      schedule: '5 13 * * tue',
      timeZone: 'Europe/Vienna',
    });
  });

  test.each(['nightly', 'nightly-offsite', 'nightly-drill'])(
    'never runs %s twice at once, and starts it late only by minutes',
    (name) => {
      expect(find(whole(), 'CronJob', name).spec).toMatchObject({
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 900,
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: { spec: { backoffLimit: 2 } },
      });
    },
  );

  test.each([
    ['nightly', 3600],
    ['nightly-offsite', 18_000],
    ['nightly-drill', 3600],
  ])('ends %s at its deadline, and its attempt before that', (name, seconds) => {
    const { activeDeadlineSeconds, template } = jobOf(whole(), name);
    const attempt = template.spec.containers[0]?.env.find((each) => each.name === 'LOCAL_PATH_BACKUP_TIMEOUT_SECONDS');

    expect(activeDeadlineSeconds).toBe(seconds);
    expect(Number(attempt?.value)).toBe(seconds * 0.9);
  });

  test.each(['nightly', 'nightly-drill'])('a failed run of %s does not hold up anything in Argo CD', (name) => {
    expect(find(whole(), 'CronJob', name).metadata.annotations).toMatchObject({
      'argocd.argoproj.io/ignore-healthcheck': 'true',
    });
  });
});

describe('tries a second time what may mend itself, and not what cannot', () => {
  test.each([
    [
      'a bad setting, a refusal, a hook that failed beside a good copy',
      () => jobOf(whole(), 'nightly'),
      'backup',
      [1, 2, 6],
    ],
    ['the same to the second place', () => jobOf(whole(), 'nightly-offsite'), 'backup', [1, 2, 6]],
    ['a drill that found a copy that is not equal', () => jobOf(whole(), 'nightly-drill'), 'drill', [1, 2, 7]],
    ['a bad setting or a refusal of the mirror', () => jobOf(mirror()), 'backup', [1, 2]],
  ] as const)('not %s', (_, job, containerName, values) => {
    expect(job().podFailurePolicy).toEqual({
      rules: [{ action: 'FailJob', onExitCodes: { containerName, operator: 'In', values }, onPodConditions: [] }],
    });
  });
});
