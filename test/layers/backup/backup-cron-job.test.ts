import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { homelab, MINIMAL_SPEC, minimal, objectsOf, parsed, pvek8s } from '../../support/clusters.js';

const FOLDER = 'local-path-backup';
const SCRIPT = readFileSync(new URL('../../../src/layers/backup/scripts/backup.sh', import.meta.url), 'utf8');

/** The parts of the rendered CronJob that the tests look at. */
interface CronJobSpec {
  readonly jobTemplate: {
    readonly spec: {
      readonly podFailurePolicy: unknown;
      readonly template: {
        readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
        readonly spec: PodSpec;
      };
    };
  };
}
interface PodSpec {
  readonly nodeSelector: unknown;
  readonly tolerations: unknown;
  readonly securityContext: object;
  readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
  readonly containers: readonly {
    readonly securityContext: unknown;
    readonly command: unknown;
    readonly args?: unknown;
    readonly image: string;
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly volumeMounts: readonly { readonly name: string; readonly readOnly: boolean }[];
  }[];
}

const BACKUP = {
  from: 'lamp',
  to: {
    host: '192.0.2.20',
    user: 'keeper',
    path: '/copies/attic',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPF3wCxAKmrZ0J3jMQCYfn3BjexVcO4ReLeSYaAnrKBV',
  },
  at: '04:45',
  bandwidthLimitKibPerSecond: 800,
  keySecret: { name: 'copy-key', key: 'private-key' },
} as const;

const attic = (to: object = {}) => parsed({ ...MINIMAL_SPEC, backup: { ...BACKUP, to: { ...BACKUP.to, ...to } } });

const find = (objects: readonly Manifest[], kind: string): Manifest => {
  const object = objects.find((candidate) => candidate.kind === kind);
  if (object === undefined) throw new Error(`objects: expected a ${kind}, got ${objects.map((each) => each.kind)}`);
  return object;
};
const cronJob = (cluster = homelab()) => find(objectsOf(cluster, FOLDER), 'CronJob');
const jobTemplate = (cluster = homelab()) => (cronJob(cluster).spec as unknown as CronJobSpec).jobTemplate.spec;
const pod = (cluster = homelab()) => jobTemplate(cluster).template.spec;
const container = (cluster = homelab()) => {
  const [only, ...others] = pod(cluster).containers;
  if (only === undefined || others.length > 0) throw new Error('pod: expected one container');
  return only;
};
const settings = (cluster = homelab()) => new Map(container(cluster).env.map(({ name, value }) => [name, value]));
const configMap = (cluster = homelab()) => find(objectsOf(cluster, FOLDER), 'ConfigMap');

test('adds nothing to a cluster that asks for no backup', () => {
  expect(objectsOf(pvek8s(), FOLDER)).toEqual([]);
  expect(objectsOf(minimal(), FOLDER)).toEqual([]);
});

test('consists of a CronJob, its files and its network policy, and holds no Secret', () => {
  const kinds = objectsOf(homelab(), FOLDER).map(({ kind }) => kind);

  expect(kinds.sort()).toEqual(['ConfigMap', 'CronJob', 'NetworkPolicy']);
});

describe('schedule', () => {
  test("runs at the time of the node's own clock", () => {
    expect(cronJob().spec).toMatchObject({ schedule: '30 2 * * *', timeZone: 'America/Edmonton' });
    expect(cronJob(attic()).spec).toMatchObject({ schedule: '45 4 * * *', timeZone: 'Europe/Vienna' });
  });

  test('never runs twice at once, starts late only by minutes, and ends at its deadline', () => {
    expect(cronJob().spec).toMatchObject({
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 900,
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: { spec: { activeDeadlineSeconds: 7200, backoffLimit: 2 } },
    });
  });

  test('tries a second time what may mend itself, and not what cannot', () => {
    const refused = SCRIPT.match(/^# Exit status: .*/m)?.[0];

    expect(refused).toContain('1 bad settings, 2 refused');
    expect(jobTemplate().podFailurePolicy).toEqual({
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: 'backup', operator: 'In', values: [1, 2] },
          onPodConditions: [],
        },
      ],
    });
  });

  test('a failed run does not hold up anything in Argo CD', () => {
    expect(cronJob().metadata.annotations).toMatchObject({ 'argocd.argoproj.io/ignore-healthcheck': 'true' });
  });
});

describe('pod', () => {
  test('sets no fsGroup, which would make the SSH key readable for a group', () => {
    expect(pod().securityContext).toEqual({ runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
  });

  test('gets neither a token nor the addresses of other services', () => {
    expect(pod()).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  });

  test('mounts nothing of the host writable', () => {
    const mounts = container().volumeMounts;

    expect(mounts).toHaveLength(5);
    expect(mounts.filter(({ readOnly }) => readOnly !== true)).toEqual([]);
  });

  test('has no power but to read what belongs to others', () => {
    expect(container().securityContext).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
    });
  });

  test('runs on the node whose volumes it copies, also where that is a tainted control plane', () => {
    expect(pod().nodeSelector).toEqual({ 'kubernetes.io/hostname': 'jarvis' });
    expect(pod().tolerations).toEqual([
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
    ]);
  });

  test('sees of the Secret the one key, readable by its owner alone', () => {
    expect(pod().volumes).toContainEqual({
      name: 'ssh-key',
      secret: {
        secretName: 'local-path-backup-ssh-key',
        defaultMode: 0o400,
        items: [{ key: 'id_ed25519', path: 'id' }],
      },
    });
  });

  test.each([
    ['arm64', homelab, '/var/lib/rancher/k3s/storage', '/lib/aarch64-linux-gnu', '/host-lib/ld-linux-aarch64.so.1'],
    ['amd64', attic, '/var/lib/rancher/k3s/storage', '/lib/x86_64-linux-gnu', '/host-lib/ld-linux-x86-64.so.2'],
  ] as const)(
    "starts the host's programs through the host's dynamic linker: %s",
    (_, cluster, storage, lib, linker) => {
      const paths = new Map(pod(cluster()).volumes.map(({ name, hostPath }) => [name, hostPath?.path]));

      expect(paths.get('storage')).toBe(storage);
      expect(paths.get('host-usr')).toBe('/usr');
      expect(paths.get('host-lib')).toBe(lib);
      expect(settings(cluster()).get('LOCAL_PATH_BACKUP_LINKER')).toBe(linker);
      expect(settings(cluster()).get('LOCAL_PATH_BACKUP_LIBRARIES')).toBe(`/host-lib:/host-usr${lib}`);
    },
  );

  test('carries the limits of the description into the settings of the script', () => {
    const env = settings(attic({ port: 2222 }));

    expect(Object.fromEntries(env)).toMatchObject({
      LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND: '800',
      LOCAL_PATH_BACKUP_HOST: '192.0.2.20',
      LOCAL_PATH_BACKUP_USER: 'keeper',
      LOCAL_PATH_BACKUP_PATH: '/copies/attic',
      LOCAL_PATH_BACKUP_PORT: '2222',
    });
  });

  test('ends an attempt before the deadline ends the Job, so that the script can say so', () => {
    expect(Number(settings().get('LOCAL_PATH_BACKUP_TIMEOUT_SECONDS'))).toBeLessThan(7200);
  });

  test('sets exactly the variables that the header of the script lists', () => {
    const [header = ''] = SCRIPT.split('\nset -eu');
    const listed = [...header.matchAll(/LOCAL_PATH_BACKUP_\w+/g)].map(([name]) => name);

    expect(listed).toHaveLength(13);
    expect([...settings().keys()].filter((name) => name !== 'HOME').sort()).toEqual(listed.sort());
  });
});

describe('files', () => {
  test('run the script from a ConfigMap, byte for byte, and never from args', () => {
    expect(configMap().data).toMatchObject({ 'backup.sh': SCRIPT });
    expect(container().command).toEqual(['/scripts/backup.sh']);
    expect(container().args).toBeUndefined();
    expect(pod().volumes).toContainEqual({
      name: 'scripts',
      configMap: { name: configMap().metadata.name, defaultMode: 0o555 },
    });
  });

  test.each([
    ['192.0.2.20', {}],
    ['[192.0.2.20]:2222', { port: 2222 }],
  ])('pin the host key under the name that ssh looks up: %s', (name, to) => {
    expect(configMap(attic(to)).data).toMatchObject({ known_hosts: `${name} ${BACKUP.to.hostKey}\n` });
  });

  test('change the pod template when they change', () => {
    const annotationOf = (cluster = attic()) =>
      jobTemplate(cluster).template.metadata.annotations['selfheal.dev/files-sha256'];
    const sha256 = createHash('sha256')
      .update(JSON.stringify(configMap(attic()).data))
      .digest('hex');

    expect(annotationOf()).toBe(sha256);
    expect(annotationOf(attic({ host: '192.0.2.21' }))).not.toBe(sha256);
  });
});
