import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { at, listAt, numberAt, textAt } from '../../../src/manifest/json.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { nodeOfJob } from '../../../src/ops/reboot/names.js';
import { homelab, objectsOf, pvek8s } from '../../support/clusters.js';
import { atNight } from './spec.js';

const cronJobOf = (cluster: Cluster): Manifest => {
  const [cronJob] = objectsOf(cluster, 'rolling-reboot').filter(({ kind }) => kind === 'CronJob');
  if (cronJob === undefined) throw new Error('a CronJob: expected one, got none');
  return cronJob;
};
const jobOf = (cluster: Cluster) => at(cronJobOf(cluster), 'spec', 'jobTemplate', 'spec');
const podOf = (cluster: Cluster) => at(jobOf(cluster), 'template', 'spec');

test('nobody gets it who has not asked for it', () => {
  expect(objectsOf(homelab(), 'rolling-reboot')).toEqual([]);
  expect(objectsOf(pvek8s(), 'rolling-reboot')).toEqual([]);
});

test('it begins with the window, by its clock, and never twice at once', () => {
  expect(at(cronJobOf(atNight()), 'spec')).toMatchObject({
    schedule: '0 2 * * sat,sun',
    timeZone: 'Europe/Vienna',
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 3 * 3_600,
  });
});

test('who suspends it by hand is not overruled', () => {
  expect(at(cronJobOf(atNight()), 'spec', 'suspend')).toBeUndefined();
});

test('whoever approves it reads the end of the window in it too, and by which clock', () => {
  expect(cronJobOf(atNight()).metadata.annotations?.['kubernetes.io/description']).toBe(
    'Reboots the nodes that wait for it, one after the other: from 02:00 to 05:00 Europe/Vienna on saturday, sunday. After that no other node is begun, and one that was begun is brought to its end.',
  );
});

test('a time zone of its own goes before that of the control plane', () => {
  const schedule = { days: ['monday'], start: '23:30', end: '23:45', timeZone: 'America/Edmonton' };

  expect(at(cronJobOf(atNight({ schedule })), 'spec')).toMatchObject({
    schedule: '30 23 * * mon',
    timeZone: 'America/Edmonton',
    startingDeadlineSeconds: 900,
  });
});

test('a node that is begun at the last moment has all its time', () => {
  const times = { drainDeadline: '1h', bootDeadline: '1h', verifyDeadline: '2h', settle: '1h' };

  expect(numberAt(jobOf(atNight(times)), 'activeDeadlineSeconds')).toBeGreaterThan((3 + 5) * 3_600);
});

test('another pod goes on where one was evicted, and none where the roll has stopped', () => {
  expect(at(jobOf(atNight()), 'podFailurePolicy', 'rules')).toEqual([
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'FailJob', onExitCodes: { containerName: 'roll', operator: 'In', values: [1] }, onPodConditions: [] },
  ]);
  expect(textAt(podOf(atNight()), 'restartPolicy')).toBe('Never');
});

test('its Jobs are found by the label by which its pods are', () => {
  const labels = { 'app.kubernetes.io/name': 'rolling-reboot' };

  expect(at(cronJobOf(atNight()), 'spec', 'jobTemplate', 'metadata', 'labels')).toEqual(labels);
  expect(at(jobOf(atNight()), 'template', 'metadata', 'labels')).toEqual(labels);
});

test('its Jobs are not taken for those that reboot a node', () => {
  expect(nodeOfJob(`${cronJobOf(atNight()).metadata.name}-29384756`)).toBeUndefined();
});

test('it is not put back on a node that a roll has cordoned', () => {
  const keys = listAt(podOf(atNight()), 'tolerations').map((toleration) => textAt(toleration, 'key'));

  // Without a key it would tolerate everything.
  expect(keys).toEqual(['node-role.kubernetes.io/control-plane', 'CriticalAddonsOnly']);
});

test('its pod has no power over the host that it is on', () => {
  const pod = podOf(atNight());

  expect(pod).toMatchObject({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
  expect(at(pod, 'containers')).toMatchObject([
    {
      image: 'docker.io/library/node:22.20.0-alpine3.22',
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        privileged: false,
        capabilities: { drop: ['ALL'] },
      },
    },
  ]);
  for (const key of ['hostPID', 'hostNetwork', 'hostIPC']) expect(at(pod, key)).toBeUndefined();
  expect(JSON.stringify(at(pod, 'volumes'))).not.toContain('hostPath');
});

test('its heap is bounded, with as much again for what is no heap', () => {
  const [container] = listAt(podOf(atNight()), 'containers');

  expect(listAt(container, 'args')[0]).toBe('--max-old-space-size=160');
  expect(textAt(container, 'resources', 'limits', 'memory')).toBe('320Mi');
});

test('an image of its own is named in its place', () => {
  const images = { node: 'registry.example/node:22.20.0' };

  expect(at(podOf(atNight({}, { images })), 'containers')).toMatchObject([{ image: images.node }]);
});

describe('what it runs by shows in the CronJob', () => {
  const hashOf = (cluster: Cluster) =>
    textAt(jobOf(cluster), 'template', 'metadata', 'annotations', 'selfheal.dev/files-sha256');

  test('as the same for the same description', () => {
    expect(hashOf(atNight())).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(atNight())).toBe(hashOf(atNight()));
  });

  test('as another for another', () => {
    expect(hashOf(atNight({ settle: '2min' }))).not.toBe(hashOf(atNight()));
  });

  test('as another where the hosts are brought something else', () => {
    const hosts = [{ nodes: ['lamp'], kernel: { arguments: ['quiet'] } }, { nodes: ['bulb'] }];

    expect(hashOf(atNight({}, { hosts }))).not.toBe(hashOf(atNight()));
  });
});
