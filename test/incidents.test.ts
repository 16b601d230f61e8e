/**
 * Each incident of docs/incidents.md has an answer in the finished objects, and the answer is gone when its mitigation
 * is taken out of the description. An answer that stays would be one that this suite cannot see.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ClusterSpec } from '../src/cluster/spec.js';
import homelab from '../src/clusters/homelab.js';
import pvek8s from '../src/clusters/pvek8s.js';
import { GUARDRAILS } from '../src/guardrails/index.js';
import type { Manifest } from '../src/manifest/manifest.js';
import { synthesize } from '../src/synth/synthesize.js';
import { objectsOf, parsed } from './support/clusters.js';

type Spec = Record<string, unknown>;

interface Answer {
  readonly incident: string;
  readonly is: string;
  readonly cluster: ClusterSpec;
  readonly holds: (objects: readonly Manifest[]) => boolean;
  readonly takeOut: (spec: Spec) => Spec;
}

const without =
  (...keys: readonly string[]) =>
  (spec: Spec): Spec =>
    Object.fromEntries(Object.entries(spec).filter(([key]) => !keys.includes(key)));

/** Changes every entry of `hosts`. */
const inHosts =
  (change: (group: Spec) => Spec) =>
  (spec: Spec): Spec => ({
    ...spec,
    hosts: (spec.hosts as readonly Spec[]).map(change),
  });

const inSection =
  (key: string, change: (section: Spec) => Spec) =>
  (spec: Spec): Spec => ({
    ...spec,
    [key]: change(spec[key] as Spec),
  });

const withoutKernel = (key: string) => inHosts(inSection('kernel', without(key)));

const text = (objects: readonly Manifest[], kind: string): string =>
  JSON.stringify(objects.filter((object) => object.kind === kind));

const has = (objects: readonly Manifest[], kind: string, name: string): boolean =>
  objects.some((object) => object.kind === kind && object.metadata.name === name);

const hasAlert =
  (name: string) =>
  (objects: readonly Manifest[]): boolean =>
    text(objects, 'PrometheusRule').includes(`"alert":"${name}"`);

const onHosts =
  (fragment: string) =>
  (objects: readonly Manifest[]): boolean =>
    objects.some(
      ({ kind, metadata, ...object }) =>
        kind === 'ConfigMap' && metadata.name.endsWith('node-bootstrap') && JSON.stringify(object).includes(fragment),
    );

const ANSWERS: readonly Answer[] = [
  {
    incident: 'nov-2',
    is: 'a task that hangs becomes a reboot',
    cluster: homelab,
    holds: (objects) => onHosts('kernel.hung_task_panic = 1')(objects) && onHosts('kernel.panic = 10')(objects),
    takeOut: withoutKernel('hungTask'),
  },
  {
    incident: 'nov-2',
    is: 'CSI sidecars are spread over the nodes',
    cluster: homelab,
    holds: (objects) =>
      ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'].every((name) =>
        objects.some(
          (object) =>
            object.metadata.name === name && JSON.stringify(object).includes('"topologySpreadConstraints":[{'),
        ),
      ),
    takeOut: inSection('longhorn', without('csiSpread')),
  },
  {
    incident: 'nov-5-soft-nfs',
    is: 'the backup target is empty by declaration',
    cluster: homelab,
    holds: (objects) => text(objects, 'BackupTarget').includes('"backupTargetURL":""'),
    takeOut: inSection('longhorn', (longhorn) => ({
      ...longhorn,
      backupTarget: { kind: 'kernel-nfs', server: '10.0.1.11', path: '/backup/longhorn' },
    })),
  },
  {
    incident: 'nov-5-soft-nfs',
    is: 'monitoring must run on the other node',
    cluster: homelab,
    holds: (objects) =>
      objects.some(
        (object) => object.metadata.name === 'selfheal-monitoring' && JSON.stringify(object).includes('"ultron"'),
      ),
    takeOut: (spec) => ({
      ...spec,
      monitoring: { install: 'existing', namespace: 'monitoring', ruleLabels: { release: 'x' } },
    }),
  },
  {
    incident: 'nov-5-soft-nfs',
    is: 'an NFS mount on a node is told about',
    cluster: homelab,
    holds: hasAlert('NfsMountOnNode'),
    takeOut: without('monitoring', 'reachability'),
  },
  {
    incident: 'nov-5-backup-window',
    is: 'the nightly job is a local snapshot',
    cluster: homelab,
    holds: (objects) =>
      has(objects, 'RecurringJob', 'daily-snapshot') && text(objects, 'RecurringJob').includes('"task":"snapshot"'),
    takeOut: inSection('longhorn', without('dailySnapshot')),
  },
  {
    incident: 'nov-7-8',
    is: 'local-path volumes are copied over SSH',
    cluster: homelab,
    holds: (objects) => has(objects, 'CronJob', 'local-path-backup'),
    takeOut: without('backup'),
  },
  {
    incident: 'nov-13',
    is: 'the copy has the limit of the description',
    cluster: homelab,
    holds: (objects) => text(objects, 'CronJob').includes('"value":"5000"'),
    takeOut: inSection('backup', (backup) => ({ ...backup, bandwidthLimitKibPerSecond: 100_000 })),
  },
  {
    incident: 'nov-22',
    is: 'a reboot is told about',
    cluster: homelab,
    holds: (objects) => hasAlert('NodeUnexpectedReboot')(objects) && hasAlert('NodeRepeatedReboots')(objects),
    takeOut: without('monitoring', 'reachability'),
  },
  {
    incident: 'nov-30-black-hole',
    is: 'a look from outside',
    cluster: homelab,
    holds: (objects) => objects.some(({ kind }) => kind === 'Probe') && hasAlert('NodeUnreachableFromOutside')(objects),
    takeOut: without('reachability'),
  },
  {
    incident: 'nov-30-black-hole',
    is: 'a machine that is dead inside resets itself',
    cluster: homelab,
    holds: onHosts('RuntimeWatchdogSec=14s'),
    takeOut: withoutKernel('hardwareWatchdog'),
  },
  {
    incident: 'nov-30-black-hole',
    is: 'a node that is unreachable for itself alone is rebooted, and one whose network is gone for all is told about',
    cluster: homelab,
    holds: (objects) =>
      onHosts('RCU_WATCHDOG_BLACK_HOLE_SECONDS=300')(objects) && hasAlert('RcuWatchdogBlackHole')(objects),
    takeOut: inHosts(inSection('rcuWatchdog', (watchdog) => ({ ...watchdog, blackHole: 'off' }))),
  },
  {
    incident: 'nov-30-black-hole',
    is: 'two watchdogs know each other before they act',
    cluster: homelab,
    holds: onHosts('jarvis 10.0.1.10 server watched\\nultron 10.0.1.11 agent watched'),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'nov-30-watchdog',
    is: 'the watchdog runs',
    cluster: homelab,
    holds: onHosts('unit rcu-stall-watchdog.service'),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'nov-30-watchdog',
    is: 'the reboot leaves no sandboxes behind',
    cluster: homelab,
    holds: onHosts('k3s.service.d/sandbox-cleanup.conf'),
    takeOut: inHosts(without('sandboxCleanup')),
  },
  {
    incident: 'apr-3-reboot-loop',
    is: 'reboots in a row are bounded, and a spent budget is told about',
    cluster: homelab,
    holds: (objects) => onHosts('RCU_WATCHDOG_MAX_REBOOTS=3')(objects) && hasAlert('RcuWatchdogBudgetSpent')(objects),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'apr-5-slow',
    is: 'ten stalls in a quarter of an hour are a cascade',
    cluster: homelab,
    holds: (objects) =>
      onHosts('RCU_WATCHDOG_SUSTAINED_STALLS=10')(objects) && onHosts('RCU_WATCHDOG_SUSTAINED_SECONDS=900')(objects),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'apr-5-burst',
    is: 'ten stalls in two minutes are a burst',
    cluster: homelab,
    holds: (objects) =>
      onHosts('RCU_WATCHDOG_BURST_STALLS=10')(objects) && onHosts('RCU_WATCHDOG_BURST_SECONDS=120')(objects),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'apr-6-8-leak',
    is: 'expedited grace periods become normal ones',
    cluster: homelab,
    holds: onHosts('argument rcupdate.rcu_normal=1'),
    takeOut: withoutKernel('arguments'),
  },
  {
    incident: 'apr-6-8-leak',
    is: 'a leak that is too slow for a reboot is counted and told about',
    cluster: homelab,
    holds: (objects) =>
      hasAlert('RcuStallsChronic')(objects) &&
      onHosts('RCU_WATCHDOG_CHRONIC_STALLS=100')(objects) &&
      onHosts('RCU_WATCHDOG_CHRONIC_SECONDS=21600')(objects),
    takeOut: inHosts(without('rcuWatchdog')),
  },
  {
    incident: 'pvek8s-rc-1-scheduler',
    is: 'a scheduler that falls silent keeps its lease for 20 s',
    cluster: pvek8s,
    holds: onHosts('--leader-elect-lease-duration 20s'),
    takeOut: without('schedulerLease'),
  },
  {
    incident: 'pvek8s-rc-1-scheduler',
    is: 'silence of the scheduler is told about',
    cluster: pvek8s,
    holds: (objects) =>
      hasAlert('SchedulerNotProcessingPods')(objects) && hasAlert('SchedulerLeaseHolderStalled')(objects),
    takeOut: without('monitoring'),
  },
  {
    incident: 'pvek8s-rc-2-calico',
    is: 'calico after a reboot is told about',
    cluster: pvek8s,
    holds: (objects) =>
      hasAlert('CalicoNodeNotRestartedAfterReboot')(objects) && hasAlert('CalicoNodeRestartingAfterReboot')(objects),
    takeOut: (spec) => ({ ...without('networkPolicies')(spec), cni: 'flannel' }), // flannel enforces no policy
  },
  {
    incident: 'pvek8s-rc-2-calico',
    is: 'a Jiva volume without quorum is told about',
    cluster: pvek8s,
    holds: hasAlert('JivaVolumeWithoutQuorum'),
    takeOut: without('jiva'),
  },
  {
    incident: 'pvek8s-rc-3-sandboxes',
    is: 'sandboxes of the last boot are removed before containerd starts',
    cluster: pvek8s,
    holds: onHosts('snap.microk8s.daemon-containerd.service.d/sandbox-cleanup.conf'),
    takeOut: inHosts(without('sandboxCleanup')),
  },
  {
    incident: 'pvek8s-dqlite',
    is: 'errors of the datastore are told about',
    cluster: pvek8s,
    holds: hasAlert('DatastoreRequestErrors'),
    takeOut: without('monitoring'),
  },
  {
    incident: 'pvek8s-dqlite',
    is: 'a kubelet that starts nothing is told about',
    cluster: pvek8s,
    holds: hasAlert('KubeletNotStartingPods'),
    takeOut: without('monitoring'),
  },
];

describe.each(ANSWERS)('$incident: $is', ({ cluster, holds, takeOut }) => {
  test('the description brings the answer', () => {
    expect(holds(objectsOf(parsed(cluster)))).toBe(true);
  });

  test('without its mitigation the answer is gone', () => {
    const smaller = takeOut({ ...cluster });

    expect(holds(objectsOf(parsed(smaller)))).toBe(false);
  });
});

/** What no description can take out, because it is how every Application is made. */
describe('argocd-wiped and nov-5-reverted', () => {
  const argo = [homelab, pvek8s].flatMap((spec) => objectsOf(parsed(spec), 'argocd'));
  const applications = argo.filter(({ kind }) => kind === 'Application');

  test('the scan found the Applications of both clusters', () => {
    expect(applications.length).toBeGreaterThan(10);
  });

  test.each(applications.map((application) => [application.metadata.name, application] as const))(
    '%s heals itself and cannot empty itself',
    (_, application) => {
      const spec = application.spec as { syncPolicy: { automated: object } };

      expect(spec.syncPolicy.automated).toMatchObject({ selfHeal: true });
      expect(spec.syncPolicy.automated).not.toHaveProperty('allowEmpty');
      expect(application.metadata).not.toHaveProperty('finalizers');
    },
  );

  test('nothing of Argo CD itself is pruned or deleted with its parent', () => {
    const options = argo.map(({ metadata }) => metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '');

    expect(options.filter((option) => !/Prune=false.*Delete=false/.test(option))).toEqual([]);
  });
});

test('docs/incidents.md tells every incident that has an answer here, and no other', () => {
  const told = [...readFileSync('docs/incidents.md', 'utf8').matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
  const answered = new Set([...ANSWERS.map(({ incident }) => incident), 'argocd-wiped', 'nov-5-reverted']);

  expect([...told].sort()).toEqual([...answered].sort());
});

test.each([
  ['argocd-wiped', ['argocd-wiped', 'healing-layer-stays']],
  ['nov-5-reverted', ['live-deletion']],
])('docs/incidents.md names where %s is done to a real Argo CD', (incident, suites) => {
  const [, section = ''] = readFileSync('docs/incidents.md', 'utf8').split(`<a id="${incident}"></a>`);
  const [text = ''] = section.split('<a id=');

  expect(suitesIn(text)).toEqual(suites);
});

test('docs/incidents.md names every suite that does an incident to a real cluster, and no other', () => {
  const there = readdirSync('test/live-cluster/incidents').filter((file) => file.endsWith('.test.ts'));

  expect(suitesIn(readFileSync('docs/incidents.md', 'utf8')).map((name) => `${name}.test.ts`)).toEqual(there.sort());
});

const suitesIn = (text: string): readonly string[] =>
  [...text.matchAll(/`test\/live-cluster\/incidents\/([a-z-]+)\.test\.ts`/g)].map(([, name = '']) => name).sort();

test('docs/incidents.md names guardrails that there are', () => {
  const named = [...readFileSync('docs/incidents.md', 'utf8').matchAll(/guardrails\.md#([a-z-]+)/g)].map(
    ([, id]) => id,
  );

  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !GUARDRAILS.some((guardrail) => guardrail.id === id))).toEqual([]);
});

test('the guardrails have nothing against either cluster', () => {
  const findings = [homelab, pvek8s].flatMap((spec) => synthesize([parsed(spec)]).findings);

  expect(findings).toEqual([]);
});
