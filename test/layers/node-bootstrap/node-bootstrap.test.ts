import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { contentHash } from '../../../src/layers/node-bootstrap/content-hash.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { homelab, minimal, objectsOf, pvek8s } from '../../support/clusters.js';

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
const lamp = (kernel: object) => minimal({ hosts: [{ nodes: ['lamp'], kernel }] });

test('adds nothing to a cluster that describes no hosts', () => {
  expect(objectsOf(minimal(), APPLICATION)).toEqual([]);
});

test('adds a DaemonSet and a ConfigMap for each group, in kube-system', () => {
  const objects = objectsOf(homelab(), APPLICATION);

  expect(objects.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace}/${name}`).sort()).toEqual([
    'ConfigMap kube-system/jarvis-node-bootstrap',
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

  test('stage the payload with a privileged container and enter the host from it', () => {
    const init = at(pod, 'initContainers', 0);

    expect(at(pod, 'initContainers', 1)).toBeNull();
    expect(at(init, 'image')).toMatch(/^docker\.io\/library\/alpine:\d/);
    expect(at(init, 'securityContext')).toEqual({ privileged: true, runAsUser: 0, readOnlyRootFilesystem: true });
    expect(at(init, 'command')).toEqual(['/bin/sh', '/payload/stage.sh']);
    expect(at(init, 'args')).toEqual(expect.arrayContaining(['nsenter', '-t', '1', '-m']));
    expect(at(init, 'volumeMounts')).toEqual([
      { name: 'payload', mountPath: '/payload', readOnly: true },
      { name: 'host-state', mountPath: '/host' },
    ]);
    expect(at(pod, 'volumes')).toEqual([
      { name: 'payload', configMap: { name: 'jarvis-node-bootstrap', defaultMode: 0o555 } },
      { name: 'host-state', hostPath: { path: '/var/lib/selfheal', type: 'DirectoryOrCreate' } },
    ]);
  });

  test('stage to the folder of the host that the program is then run from', () => {
    const target = (at(pod, 'initContainers', 0, 'env') as { name: string; value: string }[]).find(
      ({ name }) => name === 'STAGE_TARGET',
    )?.value;
    const program = (at(pod, 'initContainers', 0, 'args') as string[]).at(-1);

    expect(target?.replace('/host', '/var/lib/selfheal')).toBe(program?.replace('/payload/converge.sh', ''));
  });

  test('stay as an unprivileged pause with nothing to write to', () => {
    const pause = at(pod, 'containers', 0);

    expect(at(pod, 'containers', 1)).toBeNull();
    expect(at(pause, 'image')).toMatch(/^docker\.io\/rancher\/mirrored-pause:\d/);
    expect(at(pause, 'volumeMounts')).toBeNull();
    expect(at(pause, 'securityContext')).toEqual({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65534,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test('know the hash by which they roll from that very annotation', () => {
    expect(at(pod, 'initContainers', 0, 'env', 0)).toEqual({
      name: 'STAGE_CONTENT_SHA256',
      valueFrom: { fieldRef: { fieldPath: "metadata.annotations['selfheal.dev/content-sha256']" } },
    });
  });

  test('are given exactly the settings that the script names', () => {
    const header = readFileSync('src/layers/node-bootstrap/scripts/stage.sh', 'utf8').split('set -eu')[0] ?? '';
    const named = [...header.matchAll(/^# {3}(STAGE_\w+)/gm)].map(([, name]) => name);

    expect(named.length).toBeGreaterThan(0);
    expect((at(pod, 'initContainers', 0, 'env') as { name: string }[]).map(({ name }) => name).sort()).toEqual(
      named.sort(),
    );
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
  expect(at(pod, 'containers', 0, 'image')).toMatch(/^registry\.k8s\.io\/pause:\d/);
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
  ])('happens for %s', (_, after) => {
    expect(hashOf(daemonSet(after, 'lamp-node-bootstrap'))).not.toBe(hashOf(daemonSet(before, 'lamp-node-bootstrap')));
  });

  test('happens for every part of the ConfigMap, scripts and plan included', () => {
    const { data } = find(before, 'ConfigMap', 'lamp-node-bootstrap');
    const payload = new Map(Object.entries(data as Record<string, string>)); // a ConfigMap holds text

    expect(hashOf(daemonSet(before, 'lamp-node-bootstrap'))).toBe(contentHash(payload));
    expect([...payload.keys()]).toEqual(expect.arrayContaining(['converge.sh', 'stage.sh', 'plan']));
  });
});
