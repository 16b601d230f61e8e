/** The parts of a spec that mean the same in every cluster, with their defaults. */
import { formatClockTime } from '../clock-time.js';
import { formatDuration, hours, minutes } from '../duration.js';
import type { BackupDestinationSpec, BackupSpec, SecretKeySpec } from '../spec/backup.js';
import type { GitopsSpec } from '../spec/gitops.js';
import type {
  HardwareWatchdogSpec,
  HostsSpec,
  HungTaskSpec,
  KernelSpec,
  RcuWatchdogSpec,
  SandboxCleanupSpec,
  StallThresholdSpec,
} from '../spec/hosts.js';
import type { ImagesSpec } from '../spec/images.js';
import type {
  CsiSpreadSpec,
  KernelNfsBackupTargetSpec,
  LonghornSpec,
  NoBackupTargetSpec,
  RecurringJobSpec,
  S3BackupTargetSpec,
} from '../spec/longhorn.js';
import type { ChartMonitoringSpec, ExistingMonitoringSpec, PrometheusStorageSpec } from '../spec/monitoring.js';
import type { ReachabilitySpec } from '../spec/reachability.js';
import type { UbuntuUpgradeSpec, UpgradesSpec } from '../spec/upgrades.js';
import type { DnsSpec, KeepOffSpec, NetworkPolicySpec } from '../spec/workloads.js';
import { show } from './issue.js';
import { boolean, fields, integer, list, oneOf, optional, type Parser, record, refine, tagged } from './parser.js';
import * as value from './values.js';

const labels = record(value.labelKey, value.labelValue, { min: 1 });

/** Any node of the cluster, by name. */
type NodeName = Parser<string>;

export const gitops = fields<GitopsSpec>()({
  repoUrl: value.url,
  revision: optional(value.word, 'main'),
  path: optional(value.relativePath, null),
  namespace: optional(value.dnsLabel, 'argocd'),
  applicationPrefix: optional(value.dnsLabelPrefix, 'selfheal-'),
});

/** What every node has, whatever its distribution. */
export const nodeFields = {
  address: value.hostName,
  timeZone: value.timeZone,
  architecture: oneOf('arm64', 'amd64'),
  board: oneOf('raspberry-pi', 'generic'),
  bootLoader: oneOf('piboot', 'raspberry-pi-firmware', 'grub'),
};

const stallThreshold = fields<StallThresholdSpec>()({
  stalls: integer(1, 10_000),
  within: value.duration('1min', '6h'),
});

const rcuWatchdogFields = fields<RcuWatchdogSpec>()({
  burst: optional(stallThreshold, { stalls: 10, within: minutes(2) }),
  sustained: optional(stallThreshold, { stalls: 10, within: minutes(15) }),
  startupGrace: optional(value.duration('1min', '6h'), minutes(20)),
  checkEvery: optional(value.duration('10s', '1h'), minutes(2)),
  maxRebootsInARow: optional(integer(1, 10), 3),
  healthyAfter: optional(value.duration('30min', '7d'), hours(6)),
});

/** Stalls between two looks must not fall out of the window. */
const rcuWatchdog = refine(rcuWatchdogFields, ({ burst, sustained, checkEvery }) =>
  Object.entries({ burst, sustained })
    .filter(([, { within }]) => within.seconds < checkEvery.seconds)
    .map(([name, { within }]) => ({
      path: `${name}.within`,
      message: `expected at least checkEvery (${formatDuration(checkEvery)}), got ${show(formatDuration(within))}`,
    })),
);

const sandboxCleanup = fields<SandboxCleanupSpec>()({
  databaseLockTimeout: optional(value.duration('1s', '10min'), { seconds: 30 }),
  timeout: optional(value.duration('10s', '30min'), minutes(2)),
});

const hungTask = fields<HungTaskSpec>()({
  timeout: optional(value.duration('10s', '1h'), { seconds: 120 }),
  panicTimeout: optional(value.duration('1s', '10min'), { seconds: 10 }),
});

const hardwareWatchdog = fields<HardwareWatchdogSpec>()({
  runtimeTimeout: optional(value.duration('1s', '1h'), null),
  rebootTimeout: optional(value.duration('1s', '1h'), null),
  device: optional(value.absolutePath, '/dev/watchdog'),
});

const kernel = fields<KernelSpec>()({
  hungTask: optional(hungTask, null),
  hardwareWatchdog: optional(hardwareWatchdog, null),
  arguments: optional(list(value.kernelArgument), []),
});

export const hosts = (node: NodeName) =>
  list(
    fields<HostsSpec<string>>()({
      nodes: list(node, { min: 1 }),
      name: optional(value.dnsLabel, null),
      rcuWatchdog: optional(rcuWatchdog, null),
      sandboxCleanup: optional(sandboxCleanup, null),
      kernel: optional(kernel, null),
    }),
  );

export const images = fields<ImagesSpec>()({
  alpine: optional(value.image, null),
  pause: optional(value.image, null),
  coredns: optional(value.image, null),
});

const recurringJob = (name: string) =>
  fields<RecurringJobSpec>()({
    at: value.timeOfDay,
    retain: integer(1, 100),
    name: optional(value.longhornJobName, name),
  });

export const longhorn = fields<LonghornSpec>()({
  version: value.version,
  namespace: optional(value.dnsLabel, 'longhorn-system'),
  csiSpread: optional(fields<CsiSpreadSpec>()({ replicas: integer(1, 10) }), null),
  dailySnapshot: optional(recurringJob('daily-snapshot'), null),
  backupTarget: tagged('kind', {
    none: fields<NoBackupTargetSpec>()({ kind: oneOf('none') }),
    s3: fields<S3BackupTargetSpec>()({
      kind: oneOf('s3'),
      bucket: value.dnsSubdomain,
      region: value.region,
      path: optional(value.relativePath, ''),
      credentialSecret: value.dnsSubdomain,
      pollInterval: optional(value.duration('1min', '1d'), minutes(5)),
      backup: recurringJob('daily-backup'),
    }),
    'kernel-nfs': fields<KernelNfsBackupTargetSpec>()({
      kind: oneOf('kernel-nfs'),
      server: value.hostName,
      path: value.absolutePath,
    }),
  }),
});

export const backup = (node: NodeName) =>
  fields<BackupSpec<string>>()({
    name: optional(value.cronJobName, 'local-path-backup'),
    namespace: optional(value.dnsLabel, 'kube-system'),
    from: node,
    to: fields<BackupDestinationSpec>()({
      host: value.hostName,
      user: value.userName,
      path: value.mirrorPath,
      port: optional(integer(1, 65_535), 22),
      hostKey: value.sshHostKey,
    }),
    at: value.timeOfDay,
    bandwidthLimitKibPerSecond: integer(1, 1_000_000),
    keySecret: fields<SecretKeySpec>()({ name: value.dnsSubdomain, key: value.secretKey }),
    deadline: optional(value.duration('1min', '1d'), hours(2)),
    staleAfter: optional(value.duration('1h', '30d'), hours(26)),
  });

export const dns = fields<DnsSpec>()({ replicas: optional(integer(1, 10), 2) });

export const monitoring = (node: NodeName) =>
  tagged('install', {
    'kube-prometheus-stack': fields<ChartMonitoringSpec<string>>()({
      install: oneOf('kube-prometheus-stack'),
      namespace: optional(value.dnsLabel, 'monitoring'),
      requiredNode: node,
      storage: optional(
        fields<PrometheusStorageSpec>()({ gibibytes: integer(5, 10_000), storageClass: value.dnsSubdomain }),
        null,
      ),
      runbookBaseUrl: optional(value.url, null),
    }),
    existing: fields<ExistingMonitoringSpec>()({
      install: oneOf('existing'),
      namespace: value.dnsLabel,
      ruleLabels: labels,
      textfileCollector: optional(boolean, false),
      runbookBaseUrl: optional(value.url, null),
    }),
  });

const FOREIGN_OWNER_ADVICE = {
  'kubectl-apply':
    'a partial patch of what kubectl apply owns fails for ever; put the affinity into the manifest that is applied',
  argocd: 'two Applications on one object undo each other; put the affinity into the Application that has it',
} as const;

export const keepOff = (node: NodeName) =>
  list(
    refine(
      fields<KeepOffSpec<string>>()({
        namespace: value.dnsLabel,
        deployment: value.dnsSubdomain,
        nodes: list(node, { min: 1 }),
        appliedBy: oneOf('helm', 'controller', 'kubectl-apply', 'argocd'),
      }),
      ({ appliedBy }) =>
        appliedBy === 'kubectl-apply' || appliedBy === 'argocd'
          ? [
              {
                path: 'appliedBy',
                message: `expected "helm" or "controller", got "${appliedBy}": ${FOREIGN_OWNER_ADVICE[appliedBy]}`,
              },
            ]
          : [],
    ),
  );

export const networkPolicies = list(
  fields<NetworkPolicySpec>()({
    name: value.dnsSubdomain,
    namespace: value.dnsLabel,
    pods: labels,
    allowFromNamespaces: list(value.dnsLabel, { min: 1 }),
    ports: optional(list(integer(1, 65_535), { min: 1 }), null),
  }),
);

const weekday = oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');

export const upgrades = fields<UpgradesSpec>()({
  namespace: optional(value.dnsLabel, 'system-upgrade'),
  ubuntu: refine(
    fields<UbuntuUpgradeSpec>()({
      from: value.ubuntuRelease,
      to: value.ubuntuRelease,
      window: refine(
        fields<UbuntuUpgradeSpec['window']>()({
          days: list(weekday, { min: 1 }),
          start: value.timeOfDay,
          end: value.timeOfDay,
        }),
        ({ start, end }) =>
          formatClockTime(start) < formatClockTime(end)
            ? []
            : [
                {
                  path: 'end',
                  message: `expected a time after start (${formatClockTime(start)}), got ${show(formatClockTime(end))}`,
                },
              ],
      ),
      settle: optional(value.duration('1min', '2h'), minutes(10)),
    }),
    ({ from, to }) => (to > from ? [] : [{ path: 'to', message: `expected a release after ${from}, got "${to}"` }]),
  ),
});

export const reachability = (node: NodeName) =>
  fields<ReachabilitySpec<string>>()({
    nodes: optional(list(node, { min: 1 }), null),
    prober: optional(value.hostAndPort, null),
    tolerate: optional(value.duration('1min', '1h'), minutes(2)),
  });
