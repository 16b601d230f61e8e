import { describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { K3sClusterSpec } from '../../../src/cluster/spec.js';
import { layOut } from '../../../src/manifest/layout.js';
import { hostChanges } from '../../../src/ops/change/host-changes.js';
import { renderCluster } from '../../../src/synth/render.js';
import { minimal } from '../../support/clusters.js';

type Host = NonNullable<K3sClusterSpec['hosts']>[number];

const treeWith = (host: Partial<Host>) =>
  readTree(layOut('attic', renderCluster(minimal({ hosts: [{ nodes: ['lamp'], ...host } as Host] }))), 'dist');

const changes = (before: Partial<Host>, after: Partial<Host>) => hostChanges(treeWith(before), treeWith(after));

const KERNEL = { hungTask: {}, arguments: ['quiet'] };

test('says nothing of a host that stays as it is', () => {
  expect(changes({ kernel: KERNEL }, { kernel: KERNEL })).toEqual([]);
});

describe('what waits for a reboot', () => {
  test('a kernel argument that comes or goes', () => {
    const [change] = changes({ kernel: KERNEL }, { kernel: { ...KERNEL, arguments: ['nosmt'] } });

    expect(change).toMatchObject({
      hosts: ['lamp'],
      afterReboot: ['kernel argument nosmt', 'without kernel argument quiet'],
      afterRestart: [],
    });
  });

  test('a sysctl that is taken back: its value stays in force', () => {
    const [change] = changes({ kernel: KERNEL }, { kernel: { arguments: ['quiet'] } });

    expect(change?.done).toContain('takes back /etc/sysctl.d/99-hung-task.conf');
    expect(change?.afterReboot).toEqual(['the values of /etc/sysctl.d/99-hung-task.conf stay in force']);
  });

  test('not a sysctl that changes: it is applied at once', () => {
    const [change] = changes({ kernel: KERNEL }, { kernel: { ...KERNEL, hungTask: { timeout: '60s' } } } as never);

    expect(change).toMatchObject({ done: ['changes /etc/sysctl.d/99-hung-task.conf'], afterReboot: [] });
  });
});

test('a drop-in of a Kubernetes service waits for its start: nobody restarts it', () => {
  const [change] = changes({ kernel: KERNEL }, { kernel: KERNEL, sandboxCleanup: {} });

  expect(change?.afterRestart.join()).toMatch(/^k3s\.service reads \/etc\/systemd\/system\/k3s\.service\.d\//);
  expect(change?.done).toContain('enables and starts selfheal-before-reboot.service');
});
