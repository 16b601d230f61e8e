/** docs/PRIVILEGES.md and kubescape's exceptions, made from the manifests: `npm run update` writes them. */
import { expect, test } from 'vitest';
import { powersOf } from '../src/guardrails/powers.js';
import { type Workload, workloadsOf } from '../src/guardrails/workloads.js';
import { kubeLinterChecks, powerOf, reasonsIn } from '../src/manifest/privileges.js';
import { renderCluster } from '../src/synth/render.js';
import { homelab, pvek8s } from './support/clusters.js';

/** Each with its cluster; what other workloads have is for their owners to say. */
const workloads = [homelab(), pvek8s()].flatMap((cluster) =>
  workloadsOf(renderCluster(cluster))
    .filter(({ manifest }) => manifest.metadata.annotations?.['selfheal.dev/foreign'] === undefined)
    .map((workload) => ({ cluster: cluster.name, workload })),
);

/** The controls of kubescape that a power fails, by https://kubescape.io/docs/controls/. */
const KUBESCAPE: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^host-(pid|ipc)$/, ['C-0038']],
  [/^host-network$/, ['C-0041']],
  [/^host-path-/, ['C-0045', 'C-0048']],
  [/^token$/, ['C-0034']],
  [/^privileged$/, ['C-0016', 'C-0046', 'C-0055', 'C-0057']],
  [/^root$/, ['C-0013']],
  [/^writable-root$/, ['C-0017']],
  [/^escalation$/, ['C-0016']],
  [/^(capability-|default-capabilities$)/, ['C-0046']],
  [/^no-(seccomp|apparmor)$/, ['C-0055']],
  [/^no-cpu-limit$/, ['C-0270']],
];

const controls = (id: string): readonly string[] =>
  KUBESCAPE.filter(([pattern]) => pattern.test(powerOf(id))).flatMap(([, ids]) => ids);

const annotations = ({ manifest }: Workload) => manifest.metadata.annotations ?? {};

test('each privilege has a check of a scanner to be left out of', () => {
  const all = workloads.flatMap(({ workload }) => powersOf(workload));

  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((id) => controls(id).length === 0)).toEqual([]);
});

test('kube-linter is told to leave out exactly the checks that a privilege fails', () => {
  for (const { workload } of workloads) {
    const expected = new Set(powersOf(workload).flatMap(kubeLinterChecks));
    const told = Object.keys(annotations(workload)).flatMap(
      (key) => key.split('ignore-check.kube-linter.io/')[1] ?? [],
    );

    expect(told.sort()).toEqual([...expected].sort());
  }
});

test('docs/PRIVILEGES.md lists each privilege with its reason', async () => {
  const page = [
    '# Privileges',
    '',
    'What the pods in `dist/` may do beyond an ordinary pod, and why. Written by `npm run update` from the annotations of the',
    'workloads, which kube-linter reads too. For kubescape: `kubescape scan dist --exceptions docs/kubescape-exceptions.json`.',
    '',
    'Together they may come to more than each alone: a pod that enters the host by its PID 1 (`host-pid` with',
    '`capability-sys-admin` or `privileged`) is root there. So is whoever may change its ConfigMaps, its DaemonSet or Plan, or',
    'run a program in it. Guard `kube-system`, `system-upgrade` and the repository accordingly.',
    ...workloads.flatMap(({ cluster, workload }) => {
      const reasons = reasonsIn(annotations(workload));
      return [
        '',
        `## ${cluster}: ${workload.where}`,
        '',
        '| what | why |',
        '|---|---|',
        ...[...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, reason]) => `| \`${id}\` | ${reason} |`),
      ];
    }),
    '',
  ].join('\n');

  await expect(page).toMatchFileSnapshot('../docs/PRIVILEGES.md');
});

test("kubescape's exceptions are those privileges and no others", async () => {
  const exceptions = workloads.flatMap(({ cluster, workload }) => {
    const { kind, metadata } = workload.manifest;
    // It knows a Plan by no control.
    if (kind === 'Plan') return [];
    const byControl = new Map<string, Set<string>>();
    for (const [id, reason] of reasonsIn(annotations(workload)))
      for (const control of controls(id)) byControl.set(control, (byControl.get(control) ?? new Set()).add(reason));
    return [...byControl]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([controlID, reasons]) => ({
        name: `${cluster}-${metadata.name}-${controlID.toLowerCase()}`,
        policyType: 'postureExceptionPolicy',
        actions: ['alertOnly'],
        reason: [...reasons].join('; '),
        resources: [
          {
            designatorType: 'Attributes',
            attributes: { kind, name: `^${metadata.name}$`, namespace: `^${metadata.namespace}$` },
          },
        ],
        posturePolicies: [{ controlID }],
      }));
  });

  await expect(`${JSON.stringify(exceptions, null, 2)}\n`).toMatchFileSnapshot('../docs/kubescape-exceptions.json');
});
