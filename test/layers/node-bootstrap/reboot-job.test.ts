import { expect, test } from 'vitest';
import { enterHost } from '../../../src/layers/node-bootstrap/enter-host.js';
import { rebootJob } from '../../../src/layers/node-bootstrap/reboot-job.js';
import { readScript } from '../../../src/layers/script.js';
import { at, listAt, textsAt } from '../../../src/manifest/json.js';
import { reasonsIn } from '../../../src/manifest/privileges.js';
import { homelab, minimal, objectsOf } from '../../support/clusters.js';

const BOOT = '0b6f4a52-6f0c-4f0e-9b64-3d1f0a9c7e11';
const jobFor = (cluster = minimal(), node = 'lamp') =>
  rebootJob({
    cluster,
    node,
    name: `selfheal-reboot-${node}`,
    bootId: BOOT,
    labels: { a: 'b' },
    annotations: { c: 'd' },
  });
type Field = Parameters<typeof at>[0];

const podOf = (job = jobFor()) => at(job.spec, 'template', 'spec');
const containerOf = (job = jobFor()) => listAt(podOf(job), 'containers')[0];

test('it never runs a second time by itself, and not for ever', () => {
  expect(jobFor().spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 300 });
  expect(podOf()).toMatchObject({ restartPolicy: 'Never' });
});

test('it runs on the node that is cordoned, tainted and not ready, and on no other', () => {
  expect(podOf()).toMatchObject({ nodeName: 'lamp', tolerations: [{ operator: 'Exists' }] });
});

test('it tells the host which boot to end, and which unit has to be there', () => {
  const cleaned = minimal({ hosts: [{ nodes: ['lamp'], sandboxCleanup: {} }] });

  expect(listAt(containerOf(), 'args')).toEqual([
    ...enterHost([`HOST_REBOOT_BOOT_ID=${BOOT}`, 'HOST_REBOOT_SANDBOX_UNIT=', 'bash', '/dev/stdin']),
  ]);
  expect(listAt(containerOf(jobFor(cleaned)), 'args')).toContain(
    'HOST_REBOOT_SANDBOX_UNIT=selfheal-before-reboot.service',
  );
});

test('it asks for no unit on a host from which everything is taken back', () => {
  const takenBack = minimal({ hosts: [{ nodes: ['lamp'], sandboxCleanup: {}, state: 'absent' }] });

  expect(listAt(containerOf(jobFor(takenBack)), 'args')).toContain('HOST_REBOOT_SANDBOX_UNIT=');
});

test('it carries its program with it, byte for byte', () => {
  expect(listAt(containerOf(), 'env')).toEqual([
    { name: 'HOST_PROGRAM', value: readScript('node-bootstrap', 'host-reboot.sh') },
  ]);
});

test('it may do less on the host than the pod that only looks there', () => {
  const watching = objectsOf(homelab(), 'node-bootstrap').find(({ kind }) => kind === 'DaemonSet');
  const powers = (container: Field) => textsAt(container, 'securityContext', 'capabilities', 'add');
  const watch = powers(listAt(watching?.spec, 'template', 'spec', 'containers')[0]);

  expect(at(containerOf(), 'securityContext')).toMatchObject({
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  expect(powers(containerOf()).length).toBeGreaterThan(0);
  expect(powers(containerOf()).length).toBeLessThan(watch.length);
  expect(watch).toEqual(expect.arrayContaining([...powers(containerOf())]));
  expect(podOf()).toMatchObject({ automountServiceAccountToken: false });
  expect(at(podOf(), 'volumes')).toBeUndefined();
});

test('each of its privileges has a reason beside it', () => {
  const reasons = reasonsIn(jobFor().metadata.annotations);
  const capabilities = listAt(containerOf(), 'securityContext', 'capabilities', 'add');

  expect([...reasons.keys()].filter((id) => id.startsWith('reboot.capability-'))).toHaveLength(capabilities.length);
  expect([...reasons.keys()]).toEqual(
    expect.arrayContaining(['host-pid', 'host-network', 'reboot.root', 'reboot.no-cpu-limit', 'reboot.no-apparmor']),
  );
  expect([...reasons.values()].filter((reason) => reason.length < 20)).toEqual([]);
});

test('what finds it again is on its pod too', () => {
  expect(jobFor().metadata).toMatchObject({ labels: { a: 'b' }, annotations: { c: 'd' } });
  expect(at(jobFor().spec, 'template', 'metadata')).toEqual({ labels: { a: 'b' }, annotations: { c: 'd' } });
});
