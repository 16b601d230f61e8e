import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { contentHash } from '../../../src/layers/node-bootstrap/content-hash.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { homelab, MINIMAL_SPEC, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

const APPLICATION = 'node-bootstrap';

/** The value at a path; null where there is none. */
function at(json: Json | undefined, ...path: readonly (string | number)[]): Json {
  let value: unknown = json;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return (value ?? null) as Json; // a part of JSON is JSON
}

function find(cluster: Cluster, kind: string, name: string): Manifest {
  const found = objectsOf(cluster, APPLICATION).find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`${kind} '${name}': expected in ${APPLICATION}, got nothing`);
  return found;
}

const daemonSet = (cluster: Cluster, name: string) => find(cluster, 'DaemonSet', name);
const podOf = (manifest: Manifest) => at(manifest, 'spec', 'template', 'spec');
const hashOf = (manifest: Manifest) =>
  at(manifest, 'spec', 'template', 'metadata', 'annotations', 'selfheal.dev/content-sha256');
const dataOf = (cluster: Cluster, name: string) =>
  (find(cluster, 'ConfigMap', name).data ?? {}) as Record<string, string>; // a ConfigMap holds text
const mountedBy = (cluster: Cluster, name: string): readonly string[] =>
  (at(podOf(daemonSet(cluster, name)), 'volumes', 0, 'projected', 'sources') as { configMap: { name: string } }[]).map(
    ({ configMap }) => configMap.name,
  );
const lamp = (kernel: object) => minimal({ hosts: [{ nodes: ['lamp'], kernel }] });

test('adds nothing to a cluster that describes no hosts', () => {
  expect(objectsOf(minimal(), APPLICATION)).toEqual([]);
});

test('adds a DaemonSet and a ConfigMap for each group and one for the programs of all, in kube-system', () => {
  const objects = objectsOf(homelab(), APPLICATION);

  expect(objects.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace}/${name}`).sort()).toEqual([
    'ConfigMap kube-system/jarvis-node-bootstrap',
    'ConfigMap kube-system/node-bootstrap-programs',
    'ConfigMap kube-system/ultron-node-bootstrap',
    'DaemonSet kube-system/jarvis-node-bootstrap',
    'DaemonSet kube-system/ultron-node-bootstrap',
  ]);
});

describe('the pods of one node', () => {
  const manifest = daemonSet(homelab(), 'jarvis-node-bootstrap');
  const pod = podOf(manifest);

  test('run on that node and on no other', () => {
    expect(at(pod, 'nodeSelector')).toEqual({ 'kubernetes.io/hostname': 'jarvis' });
    expect(at(pod, 'affinity')).toBeNull();
  });

  test('run on a node that is cordoned, not ready or tainted', () => {
    expect(at(pod, 'tolerations')).toEqual([{ operator: 'Exists' }]);
    expect(at(pod, 'priorityClassName')).toBe('system-node-critical');
    expect(at(pod, 'hostNetwork')).toBe(true);
  });

  test("see the host's processes and no token", () => {
    expect(at(pod, 'hostPID')).toBe(true);
    expect(at(pod, 'automountServiceAccountToken')).toBe(false);
    expect(at(pod, 'enableServiceLinks')).toBe(false);
  });

  test('replace each other one host at a time', () => {
    expect(at(manifest, 'spec', 'updateStrategy')).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 1 },
    });
  });

  test('stage the payload and enter the host with no more than it takes', () => {
    const init = at(pod, 'initContainers', 0);

    expect(at(pod, 'initContainers', 1)).toBeNull();
    expect(at(init, 'image')).toMatch(/^docker\.io\/library\/alpine:\d/);
    expect(at(init, 'securityContext')).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      runAsUser: 0,
      readOnlyRootFilesystem: true,
      capabilities: {
        drop: ['ALL'],
        add: ['SYS_ADMIN', 'SYS_CHROOT', 'SYS_PTRACE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER'],
      },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(at(init, 'command')).toEqual(['/bin/sh', '/payload/stage.sh']);
    expect(at(init, 'args')).toEqual(expect.arrayContaining(['nsenter', '-t', '1', '-m']));
    expect(at(init, 'volumeMounts')).toEqual([
      { name: 'payload', mountPath: '/payload', readOnly: true },
      { name: 'host-state', mountPath: '/host' },
    ]);
    expect(at(pod, 'volumes')).toEqual([
      {
        name: 'payload',
        projected: {
          defaultMode: 0o555,
          sources: [
            { configMap: { name: 'node-bootstrap-programs' } },
            { configMap: { name: 'jarvis-node-bootstrap' } },
          ],
        },
      },
      { name: 'host-state', hostPath: { path: '/var/lib/selfheal', type: 'DirectoryOrCreate' } },
      { name: 'watch', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ]);
  });

  test('stage to the folder of the host that the program is then run from', () => {
    const target = (at(pod, 'initContainers', 0, 'env') as { name: string; value: string }[]).find(
      ({ name }) => name === 'STAGE_TARGET',
    )?.value;
    const program = (at(pod, 'initContainers', 0, 'args') as string[]).at(-1);

    expect(target?.replace('/host', '/var/lib/selfheal')).toBe(program?.replace('/payload/converge.sh', ''));
  });

  test('stay as a watch that cannot write to the host, and is ready by what it saw', () => {
    const watch = at(pod, 'containers', 0);

    expect(at(pod, 'containers', 1)).toBeNull();
    expect(at(watch, 'command')).toEqual(['/bin/sh', '/payload/watch.sh']);
    expect(at(watch, 'securityContext', 'capabilities')).toEqual({
      drop: ['ALL'],
      add: ['SYS_ADMIN', 'SYS_CHROOT', 'SYS_PTRACE', 'DAC_READ_SEARCH'],
    });
    expect(at(watch, 'volumeMounts')).toContainEqual({ name: 'host-state', mountPath: '/host', readOnly: true });
    expect(at(watch, 'readinessProbe', 'exec', 'command')).toEqual(['test', '-e', '/run/watch/ready']);
  });

  test('are asked for readiness as soon as the watch has looked, however long the kubelet waits between two questions', () => {
    const watch = at(pod, 'containers', 0);

    expect(at(watch, 'startupProbe')).toEqual({
      exec: { command: ['test', '-e', '/run/watch/looked'] },
      periodSeconds: 2,
      timeoutSeconds: 10,
      failureThreshold: 150,
    });
    expect(at(watch, 'readinessProbe', 'initialDelaySeconds')).toBeNull();
  });

  test('may put something back only where that is asked', () => {
    const asked = minimal({ hosts: [{ nodes: ['lamp'], onDrift: 'restore', driftCheck: '10min' }] });
    const watch = at(podOf(daemonSet(asked, 'lamp-node-bootstrap')), 'containers', 0);

    expect(at(watch, 'volumeMounts')).toContainEqual({ name: 'host-state', mountPath: '/host' });
    expect(at(watch, 'env')).toEqual(
      expect.arrayContaining([
        { name: 'WATCH_ON_DRIFT', value: 'restore' },
        { name: 'WATCH_EVERY', value: '600' },
      ]),
    );
    // A host with GRUB: update-grub reads its block devices.
    expect(at(watch, 'securityContext')).toEqual({ privileged: true, runAsUser: 0, readOnlyRootFilesystem: true });
  });

  test('know the hash by which they roll from that very annotation', () => {
    expect(at(pod, 'initContainers', 0, 'env', 0)).toEqual({
      name: 'STAGE_CONTENT_SHA256',
      valueFrom: { fieldRef: { fieldPath: "metadata.annotations['selfheal.dev/content-sha256']" } },
    });
  });

  test.each([
    ['initContainers', 'stage.sh', ['stage.sh']],
    ['containers', 'watch.sh', ['stage.sh', 'watch.sh']],
  ])('are given in %s exactly the settings that %s names', (key, _, scripts) => {
    const named = scripts.flatMap((name) => {
      const header = readFileSync(`src/layers/node-bootstrap/scripts/${name}`, 'utf8').split('set -eu')[0] ?? '';
      return [...header.matchAll(/^# {3}([A-Z]+_\w+)/gm)].map(([, setting]) => setting);
    });

    expect(named.length).toBeGreaterThan(0);
    expect((at(pod, key, 0, 'env') as { name: string }[]).map(({ name }) => name).sort()).toEqual(named.sort());
  });
});

describe('an entry that is absent', () => {
  const absent = minimal({
    hosts: [{ nodes: ['lamp'], state: 'absent', kernel: { hungTask: {}, arguments: ['quiet'] }, rcuWatchdog: {} }],
  });

  test('asks for nothing of what it says, and keeps the pods that take it back', () => {
    const { data } = find(absent, 'ConfigMap', 'lamp-node-bootstrap');

    expect((data as Record<string, string>).plan).toBe('selfheal-plan 1\nboot-loader grub\non-drift restore\nend\n');
    expect(daemonSet(absent, 'lamp-node-bootstrap')).toBeDefined();
  });
});

describe('the programs', () => {
  const homelabData = (name: string) => Object.keys(dataOf(homelab(), name));

  test('stand once, and what is particular to a group stands in its own ConfigMap', () => {
    const programs = homelabData('node-bootstrap-programs');

    expect(programs).toEqual(expect.arrayContaining(['converge.sh', 'host_usr_local_bin_selfheal-watchdog']));
    for (const name of ['jarvis-node-bootstrap', 'ultron-node-bootstrap']) {
      const own = homelabData(name);
      expect(own).toEqual(expect.arrayContaining(['plan', 'host_etc_selfheal_rcu-watchdog.env']));
      expect(own.filter((key) => programs.includes(key) || key.endsWith('.sh'))).toEqual([]);
      expect(mountedBy(homelab(), name)).toEqual(['node-bootstrap-programs', name]);
    }
  });

  test('do not move for a group that is taken back: it brings its own', () => {
    const hosts = (state: 'described' | 'absent') =>
      minimal({
        nodes: { ...MINIMAL_SPEC.nodes, shade: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.11' } },
        hosts: [
          { nodes: ['lamp'], sandboxCleanup: {} },
          { nodes: ['shade'], sandboxCleanup: {}, state },
        ],
      });

    expect(dataOf(hosts('absent'), 'node-bootstrap-programs')).toEqual(
      dataOf(hosts('described'), 'node-bootstrap-programs'),
    );
    expect(mountedBy(hosts('absent'), 'shade-node-bootstrap')).toEqual(['shade-node-bootstrap']);
    expect(Object.keys(dataOf(hosts('absent'), 'shade-node-bootstrap'))).toContain('converge.sh');
    expect(mountedBy(hosts('absent'), 'lamp-node-bootstrap')).toEqual([
      'node-bootstrap-programs',
      'lamp-node-bootstrap',
    ]);
  });
});

test('the pods of several nodes are required to run on those', () => {
  const pod = podOf(daemonSet(pvek8s(), 'pvek8s-node-bootstrap'));

  expect(at(pod, 'nodeSelector')).toEqual({ 'kubernetes.io/os': 'linux' });
  expect(at(pod, 'affinity')).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['k8s01', 'k8s02', 'k8s03'] }],
          },
        ],
      },
    },
  });
});

describe('a roll-out', () => {
  const before = lamp({ hungTask: { timeout: '120s' } });

  test('does not happen when nothing of the content changes', () => {
    const elsewhere = minimal({
      hosts: [{ nodes: ['lamp'], kernel: { hungTask: { timeout: '120s' } } }],
      dns: { replicas: 1 },
      gitops: { repoUrl: 'https://git.example/other.git' },
    });

    expect(daemonSet(elsewhere, 'lamp-node-bootstrap')).toEqual(daemonSet(before, 'lamp-node-bootstrap'));
  });

  test.each([
    ['a value in a file', lamp({ hungTask: { timeout: '121s' } })],
    ['a further kernel argument', lamp({ hungTask: { timeout: '120s' }, arguments: ['quiet'] })],
    ['a file that goes', lamp({})],
    [
      'another answer to drift',
      minimal({ hosts: [{ nodes: ['lamp'], onDrift: 'restore', kernel: { hungTask: { timeout: '120s' } } }] }),
    ],
  ])('happens for %s', (_, after) => {
    expect(hashOf(daemonSet(after, 'lamp-node-bootstrap'))).not.toBe(hashOf(daemonSet(before, 'lamp-node-bootstrap')));
  });

  test('happens for every part of the ConfigMap, scripts and plan included', () => {
    const payload = new Map(
      mountedBy(before, 'lamp-node-bootstrap').flatMap((name) => Object.entries(dataOf(before, name))),
    );

    expect(hashOf(daemonSet(before, 'lamp-node-bootstrap'))).toBe(contentHash(payload));
    expect([...payload.keys()]).toEqual(
      expect.arrayContaining(['converge.sh', 'stage.sh', 'watch.sh', 'textfile.sh', 'plan']),
    );
  });
});
