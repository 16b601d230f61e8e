import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { containerResources } from '../../../src/guardrails/rules/container-resources.js';
import { privilegeHasReason } from '../../../src/guardrails/rules/privilege-has-reason.js';
import { versionPinned } from '../../../src/guardrails/rules/version-pinned.js';
import { type RestoreTarget, restoreJob } from '../../../src/layers/backup/restore-job.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';
import { type JobSpec, whole } from './backups.js';

const CLUSTER = whole();
const FOLDER: RestoreTarget = { kind: 'folder', path: '/var/lib/rancher/k3s/storage/pvc-1_home_ha' };

function job(into: RestoreTarget = FOLDER, apply = true): readonly Manifest[] {
  const { backup, nodes, images } = CLUSTER;
  const [node] = nodes;
  if (backup?.form !== 'snapshots' || node === undefined) throw new Error('cluster: expected a backup, got none');
  return restoreJob({
    copy: backup,
    node,
    namespace: 'home',
    image: images.alpine,
    volume: 'home/ha',
    snapshot: 'latest',
    into,
    apply,
  });
}

function specOf(manifests: readonly Manifest[]): JobSpec {
  const found = manifests.find(({ kind }) => kind === 'Job');
  return found?.spec as unknown as JobSpec;
}
const containerOf = (manifests: readonly Manifest[]) => specOf(manifests).template.spec.containers[0];
const settings = (manifests: readonly Manifest[]) =>
  Object.fromEntries(containerOf(manifests)?.env.map(({ name, value }) => [name, value]) ?? []);

describe('the Job of a restore', () => {
  test.each([privilegeHasReason, versionPinned, containerResources])('passes the guardrail $id', (guardrail) => {
    const objects = [job(), job(FOLDER, false), job({ kind: 'claim', name: 'ha' })].flatMap((manifests) =>
      manifests.map((manifest) => ({ application: 'restore', manifest })),
    );

    expect(guardrail.check(new Inspection({ cluster: CLUSTER, objects }))).toEqual([]);
  });

  test('brings its scripts, the pinned host key and its network policy along', () => {
    const manifests = job();

    expect(manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      'ConfigMap home/selfheal-restore-files',
      'NetworkPolicy home/selfheal-restore',
      'Job home/selfheal-restore',
    ]);
    const data = manifests[0]?.data as Readonly<Record<string, string>>;
    const sourced = Object.values(data).flatMap((text) =>
      [...text.matchAll(/^\. "\$SCRIPTS\/(.+)"$/gm)].map(([, name]) => name),
    );
    expect(sourced.length).toBeGreaterThan(3);
    expect(Object.keys(data)).toEqual(expect.arrayContaining(['restore.sh', 'known_hosts', ...sourced]));
    expect(Object.values(data)).not.toContain('');
  });

  test('writes into the one folder below the one that is mounted', () => {
    const manifests = job();

    expect(specOf(manifests).template.spec.volumes).toContainEqual({
      name: 'into',
      hostPath: { path: '/var/lib/rancher/k3s/storage', type: 'Directory' },
    });
    expect(settings(manifests)).toMatchObject({
      LOCAL_PATH_RESTORE_VOLUME: 'home/ha',
      LOCAL_PATH_RESTORE_SNAPSHOT: 'latest',
      LOCAL_PATH_RESTORE_INTO: '/into/pvc-1_home_ha',
      LOCAL_PATH_RESTORE_APPLY: 'yes',
      LOCAL_PATH_BACKUP_HOST: '192.0.2.20',
      LOCAL_PATH_BACKUP_KNOWN_HOSTS: '/scripts/known_hosts',
    });
  });

  test('writes nowhere else, and as a plan nowhere at all', () => {
    const writable = (manifests: readonly Manifest[]) =>
      containerOf(manifests)?.volumeMounts.flatMap(({ name, readOnly }) => (readOnly ? [] : [name]));

    expect(writable(job())).toEqual(['run', 'into']);
    expect(writable(job(FOLDER, false))).toEqual(['run']);
    expect(settings(job(FOLDER, false))).toMatchObject({ LOCAL_PATH_RESTORE_APPLY: 'no' });
  });

  test('has the powers to give files back to their owners, and no others', () => {
    expect(containerOf(job())?.securityContext).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP'] },
    });
  });

  test('ends by itself a while after its script, and does not try again what was refused', () => {
    const spec = specOf(job());

    expect(spec.activeDeadlineSeconds).toBe(86_400);
    expect(Number(settings(job()).LOCAL_PATH_RESTORE_TIMEOUT_SECONDS)).toBeLessThan(spec.activeDeadlineSeconds - 600);
    expect(spec).toMatchObject({ backoffLimit: 2, ttlSecondsAfterFinished: 86_400 });
    expect(spec.podFailurePolicy).toEqual({
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: 'restore', operator: 'In', values: [1, 2] },
          onPodConditions: [],
        },
      ],
    });
    expect(containerOf(job())?.command).toEqual(['/scripts/restore.sh']);
  });

  test('connects to nothing but the machine with the backups', () => {
    const policy = job().find(({ kind }) => kind === 'NetworkPolicy');

    expect(policy?.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'selfheal-restore' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [{ to: [{ ipBlock: { cidr: '192.0.2.20/32' } }], ports: [{ protocol: 'TCP', port: 22 }] }],
    });
  });

  test('restores into a claim at its own root, without a folder of the host', () => {
    const manifests = job({ kind: 'claim', name: 'ha' });

    expect(specOf(manifests).template.spec.volumes).toContainEqual({
      name: 'into',
      persistentVolumeClaim: { claimName: 'ha' },
    });
    expect(settings(manifests)).toMatchObject({ LOCAL_PATH_RESTORE_INTO: '/into' });
  });

  test('is YAML of one document each', () => {
    for (const manifest of job()) expect(toYaml(manifest).match(/^kind: /gm)).toHaveLength(1);
  });
});
