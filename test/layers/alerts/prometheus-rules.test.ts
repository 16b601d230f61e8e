import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import homelabSpec from '../../../src/clusters/homelab.js';
import { ALERTED, alertNames, groupsOf, rulesOf } from '../../support/alerts.js';
import { homelab, minimal, objectsOf, parsed } from '../../support/clusters.js';

const FOR_EVERY_CLUSTER = [
  'SchedulerNotProcessingPods',
  'KubeletNotStartingPods',
  'DatastoreRequestErrors',
  'NodeUnexpectedReboot',
  'NodeRepeatedReboots',
  'NodeMetricsMissing',
  'KubeStateMetricsMissing',
  'NfsMountOnNode',
  'PodSandboxStorm',
  'ArgoCdControlPlaneDown',
  'PlannedRebootStuck',
];
const NODE_BOOTSTRAP = ['NodeBootstrapUnavailable', 'NodeBootstrapMissing', 'NodeBootstrapAbsent'];
const NODE_BOOTSTRAP_TOLD = ['NodeBootstrapDrifted', 'NodeBootstrapSilent', 'NodeRebootPending'];
const LEASES = ['SchedulerLeaseHolderStalled', 'ControlPlaneLeaseNotRenewed', 'LeaderElectionFlapping'];
const CORE_DNS = ['CoreDnsUnavailable', 'CoreDnsReplicasLow', 'CoreDnsOnOneNode'];
const LONGHORN = [
  'LonghornVolumeDegraded',
  'LonghornVolumeFaulted',
  'LonghornMetricsMissing',
  'LonghornRecurringJobStale',
  'LonghornRecurringJobMissing',
  'LonghornVolumeNotCovered',
];

const RCU_WATCHDOG = [
  'RcuWatchdogRebootedNode',
  'RcuWatchdogBudgetSpent',
  'RcuWatchdogHeld',
  'RcuWatchdogSilent',
  'RcuStallsChronic',
];

const BACKUP = ['LocalPathBackupFailed', 'BackupCronJobStale', 'BackupCronJobMissing'];
const SNAPSHOTS = [
  'BackupDrillFailed',
  'BackupDrillStale',
  'BackupDrillNotEqual',
  'BackupVolumeUnverified',
  'BackupVolumeTooLargeToDrill',
  'LocalPathBackupStale',
  'BackupServerRoomLow',
  'BackupHookFailed',
];

/** Written out, so that an alert that a cluster loses or gains by accident is seen. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  homelab: [
    ...FOR_EVERY_CLUSTER,
    ...NODE_BOOTSTRAP,
    ...NODE_BOOTSTRAP_TOLD,
    ...LEASES,
    ...CORE_DNS,
    ...LONGHORN,
    'HardwareWatchdogNotArmed',
    ...RCU_WATCHDOG,
    'RcuWatchdogBlackHole',
    'RcuWatchdogLostKernelLines',
    'RcuWatchdogUncalibrated',
    'NodeKernelTroubles',
    ...BACKUP,
    ...SNAPSHOTS,
    'CsiSidecarsConcentrated',
    'NodeUnreachableFromOutside',
    'OutsideProberSilent',
  ],
  pvek8s: [
    ...FOR_EVERY_CLUSTER,
    ...NODE_BOOTSTRAP,
    ...LEASES,
    ...CORE_DNS,
    'CalicoNodeRestartingAfterReboot',
    'CalicoNodeNotRestartedAfterReboot',
    'JivaVolumeWithoutQuorum',
    'JivaReplicaNotReady',
    'JivaPodStuckTerminating',
    'JivaDisruptionBudgetBlocked',
    'JivaOrphanPod',
  ],
  // k3s on SQLite: no leases, and nothing on DNS that it does not have. A watchdog on a timer, a backup to two places.
  attic: [
    ...BACKUP,
    ...SNAPSHOTS,
    'OffsiteBackupFailed',
    'OffsiteBackupStale',
    ...FOR_EVERY_CLUSTER,
    ...NODE_BOOTSTRAP,
    ...NODE_BOOTSTRAP_TOLD,
    ...LONGHORN,
    ...RCU_WATCHDOG,
    'LonghornBackupError',
    'LonghornBackupTargetUnavailable',
    'LonghornVolumeBackupStale',
    'LonghornExcludedVolumeCopied',
    'ClusterIpRulesMissing',
    'HostChecksSilent',
    'HostCheckCannotTell',
  ],
  // The mirror, whose runs write no metrics.
  shed: [...FOR_EVERY_CLUSTER, ...NODE_BOOTSTRAP, ...NODE_BOOTSTRAP_TOLD],
  pantry: [...FOR_EVERY_CLUSTER, ...BACKUP, ...LONGHORN, 'LonghornBackupError'],
};

const EXISTING = { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } as const;

const clusters = [...ALERTED].map(([name, make]) => ({ name, cluster: make() }));
const rules = clusters.flatMap(({ name, cluster }) =>
  rulesOf(cluster).map((rule) => ({ where: `${name}/${rule.alert ?? rule.record}`, rule })),
);

test('the clusters have rules to look at', () => {
  expect(rules.length).toBeGreaterThan(60);
});

describe.each(clusters)('$name', ({ name, cluster }) => {
  test('has exactly the alerts that its description asks for', () => {
    expect([...alertNames(cluster)].sort()).toEqual([...(EXPECTED[name] ?? [])].sort());
  });

  test('has no two rules of one name with one expression, and no group twice', () => {
    const identities = rulesOf(cluster).map(({ alert, record, expr }) => `${alert ?? record} ${expr}`);
    const groups = groupsOf(cluster).map((group) => group.name);

    expect(new Set(identities).size).toBe(identities.length);
    expect(new Set(groups).size).toBe(groups.length);
  });

  test('carries the labels and the namespace by which its Prometheus finds rules', () => {
    const [first, ...others] = objectsOf(cluster, 'alerts');

    for (const { metadata } of [first, ...others].flatMap((manifest) => manifest ?? [])) {
      expect(metadata.namespace).toBe(cluster.monitoring?.namespace);
      expect(metadata.labels).toEqual(Object.fromEntries(cluster.monitoring?.ruleLabels ?? []));
    }
  });
});

function syntaxErrors(expr: string): readonly string[] {
  const errors: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from }) => {
      if (type.isError) errors.push(expr.slice(from, from + 30));
    },
  });
  return errors;
}

test.each(rules)('$where is valid PromQL', ({ rule }) => {
  expect(syntaxErrors(rule.expr)).toEqual([]);
});

test('the syntax check sees an error', () => {
  expect(syntaxErrors('sum(up')).not.toEqual([]);
});

const alertRules = rules.filter(({ rule }) => rule.alert !== undefined);

test.each(alertRules)('$where says what it is: severity, summary, description, runbook', ({ rule }) => {
  expect(['critical', 'warning', 'info']).toContain(rule.labels?.severity);
  expect(rule.annotations?.summary).toMatch(/^[^{}]+\.$/);
  expect(rule.annotations?.description).toMatch(/[.?]$/);
  expect(rule.annotations?.runbook_url).toMatch(new RegExp(`^https://.+/${rule.alert?.toLowerCase()}\\.md$`));
});

test.each(rules)('$where selects by no job of another stack', ({ rule }) => {
  const jobs = [...rule.expr.matchAll(/[{,]job=~?"([^"]*)"/g)].map(([, job]) => job);

  for (const job of jobs) expect(job).toBe('selfheal-reachability');
});

test('nothing is rendered for a cluster without monitoring', () => {
  expect(objectsOf(minimal(), 'alerts')).toEqual([]);
});

test('the watchdog alerts are left out where node-exporter does not read the textfile folder', () => {
  const deaf = parsed({ ...homelabSpec, monitoring: { ...EXISTING, textfileCollector: false } });
  const hearing = parsed({ ...homelabSpec, monitoring: { ...EXISTING, textfileCollector: true } });

  expect(alertNames(deaf).filter((name) => name.startsWith('Rcu'))).toEqual([]);
  expect(alertNames(hearing)).toContain('RcuWatchdogSilent');
});

test('so are those on what the runs of the backup write, and the others stay', () => {
  const deaf = parsed({ ...homelabSpec, monitoring: { ...EXISTING, textfileCollector: false } });

  expect(rulesOf(deaf).filter(({ expr }) => expr.includes('selfheal_backup_'))).toEqual([]);
  expect(alertNames(deaf)).toEqual(expect.arrayContaining(['BackupCronJobStale', 'BackupDrillFailed']));
});

test('a kernel NFS mount is no alert where the description asks for it by name', () => {
  const asked = minimal({
    monitoring: EXISTING,
    longhorn: { version: '1.11.3', backupTarget: { kind: 'kernel-nfs', server: 'nas', path: '/b' } },
  });

  expect(alertNames(asked)).not.toContain('NfsMountOnNode');
});

describe('the age of a volume backup', () => {
  const alertsAt = (version: string) =>
    alertNames(
      minimal({
        monitoring: EXISTING,
        longhorn: {
          version,
          backupTarget: {
            kind: 's3',
            bucket: 'b',
            region: 'r',
            credentialSecret: 's',
            backup: { at: '04:00', retain: 7 },
          },
        },
      }),
    );

  test.each(['1.8.0', '1.9.2', '1.10.9'])('is no alert at Longhorn %s, which does not export it', (version) => {
    expect(alertsAt(version)).toContain('LonghornBackupError');
    expect(alertsAt(version)).not.toContain('LonghornVolumeBackupStale');
  });

  test.each(['1.11.0', '1.12.0', '2.0.0'])('is one at Longhorn %s', (version) => {
    expect(alertsAt(version)).toContain('LonghornVolumeBackupStale');
  });
});

test('the numbers in a text are the numbers of its expression', () => {
  const stale = rulesOf(homelab()).find(({ alert }) => alert === 'BackupCronJobStale');

  expect(stale?.expr).toMatch(/> 93600$/m);
  expect(stale?.annotations?.summary).toContain('26 hours');
});
