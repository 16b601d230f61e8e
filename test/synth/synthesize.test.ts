import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FOREIGN } from '../../src/argo/sync-options.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { workloadsOf } from '../../src/guardrails/workloads.js';
import { at } from '../../src/manifest/json.js';
import { compareFolder } from '../../src/synth/dist-folder.js';
import { renderCluster } from '../../src/synth/render.js';
import { synthesize } from '../../src/synth/synthesize.js';
import { homelab, minimal, parsed, pvek8s } from '../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../support/full-clusters.js';
import { PROGRAM } from '../support/program.js';

const CLUSTERS: Readonly<Record<string, () => Cluster>> = {
  homelab,
  pvek8s,
  minimal,
  'everything on k3s': () => parsed(FULL_K3S_SPEC),
  'everything on microk8s': () => parsed(FULL_MICROK8S_SPEC),
};

describe.each(Object.keys(CLUSTERS))('%s', (name) => {
  const cluster = CLUSTERS[name] ?? minimal;

  test('comes out the same twice', () => {
    expect([...synthesize([cluster()]).files]).toEqual([...synthesize([cluster()]).files]);
  });

  test('gives every object a name, and a namespace unless its kind has none', () => {
    const nameless = renderCluster(cluster()).filter(({ manifest }) => !manifest.metadata.name);
    const unplaced = renderCluster(cluster())
      .filter(({ manifest }) => manifest.metadata.namespace === undefined)
      .map(({ manifest }) => manifest.kind);

    expect(nameless).toEqual([]);
    expect(['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'PriorityClass']).toEqual(
      expect.arrayContaining(unplaced),
    );
  });

  test('gives no pod of ours a token of the API server, but the one that reboots nodes', () => {
    const trusting = workloadsOf(renderCluster(cluster()))
      // A Plan's pods are its controller's; somebody else's pods keep what they have.
      .filter(({ kind, manifest }) => kind !== 'Plan' && manifest.metadata.annotations?.[FOREIGN] === undefined)
      .filter(({ pod }) => at(pod, 'automountServiceAccountToken') !== false);

    expect(
      trusting.map(({ where }) => where).filter((where) => where !== 'CronJob kube-system/rolling-reboot'),
    ).toEqual([]);
  });

  test('breaks no guardrail', () => {
    const { findings } = synthesize([cluster()]);

    expect(
      findings
        .filter(({ guardrail }) => guardrail.severity === 'error')
        .map(({ guardrail, where, found }) => `${guardrail.id}: ${where}: ${found}`),
    ).toEqual([]);
  });
});

test('a cluster that asks for nothing gets nothing but its Argo CD objects', () => {
  expect([...synthesize([minimal()]).files.keys()]).toEqual([
    'attic/argocd/application-selfheal-root.yaml',
    'attic/argocd/appproject-selfheal-attic.yaml',
  ]);
});

test('what one cluster asks for changes nothing of another', () => {
  const alone = [...synthesize([homelab()]).files];
  const together = [...synthesize([pvek8s(), parsed(FULL_K3S_SPEC), homelab()]).files];

  expect(together.filter(([path]) => path.startsWith('homelab/'))).toEqual(alone);
});

describe('names of the two reference clusters', () => {
  const PARTICULAR =
    /jarvis|ultron|homelab|victor|k8s0\d|pvek8s|pgmac|10\.0\.1\.|192\.168\.0\.|vaultwarden|cloudflared|edmonton|brisbane|kube-prom-stack/i;

  test.each(['minimal', 'everything on k3s', 'everything on microk8s'])('appear nowhere in %s', (name) => {
    const { files } = synthesize([(CLUSTERS[name] ?? minimal)()]);
    const lines = [...files].flatMap(([path, content]) => content.split('\n').map((line) => `${path}: ${line}`));

    expect(lines.length).toBeGreaterThan(50);
    // Checks name the incident that they are for, in the program of a roll too.
    expect(
      lines.filter(
        (line) =>
          PARTICULAR.test(line) && !/configmap-rolling-reboot-program.yaml: +(incident: \{ )?anchor: "/.test(line),
      ),
    ).toEqual([]);
  });

  test('appear in their own output, so that the pattern is right', () => {
    const lines = [...synthesize([homelab(), pvek8s()]).files.values()].join('\n');

    for (const name of ['jarvis', 'ultron', 'k8s02', 'vaultwarden', '10.0.1.11']) {
      expect(lines).toContain(name);
      expect(name).toMatch(PARTICULAR);
    }
  });
});

describe('the program in another place', () => {
  test('gives the same bytes with another time zone, language and working folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfheal-place-'));
    try {
      expect(existsSync(PROGRAM), `${PROGRAM} is built by npm test`).toBe(true);
      symlinkSync(resolve('src/clusters'), join(folder, 'clusters'));

      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'synth', '--out', 'there'], {
        cwd: folder,
        env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOME: folder },
        encoding: 'utf8',
      });

      expect(stderr.split('\n').filter((line) => line.startsWith('selfheal'))).toEqual([]);
      expect(status).toBe(0);
      expect(compareFolder(join(folder, 'there'), synthesize([homelab(), pvek8s()]).files)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
