/** The parts of a spec that mean the same in every cluster, with their defaults. */
import { formatClockTime } from '../clock-time.js';
import { formatDuration } from '../duration.js';
import type * as spec from '../spec.js';
import { show } from './issue.js';
import { boolean, fields, integer, list, oneOf, optional, type Parser, record, refine, tagged } from './parser.js';
import * as value from './values.js';

const labels = record(value.labelKey, value.labelValue, { min: 1 });

/** Any node of the cluster, by name. */
type NodeName = Parser<string>;

export const gitops = fields<spec.GitopsSpec>()({
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

const stallThreshold = fields<spec.StallThresholdSpec>()({
  stalls: integer(1, 10_000),
  within: value.duration('1min', '6h'),
});

const minutes = (count: number) => ({ seconds: count * 60 });

const rcuWatchdogFields = fields<spec.RcuWatchdogSpec>()({
  burst: optional(stallThreshold, { stalls: 10, within: minutes(2) }),
  sustained: optional(stallThreshold, { stalls: 10, within: minutes(15) }),
  startupGrace: optional(value.duration('1min', '6h'), minutes(20)),
  checkEvery: optional(value.duration('10s', '1h'), minutes(2)),
  maxRebootsInARow: optional(integer(1, 10), 3),
  healthyAfter: optional(value.duration('30min', '7d'), minutes(360)),
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

const sandboxCleanup = fields<spec.SandboxCleanupSpec>()({
  databaseLockTimeout: optional(value.duration('1s', '10min'), { seconds: 30 }),
  timeout: optional(value.duration('10s', '30min'), minutes(2)),
});

const hungTask = fields<spec.HungTaskSpec>()({
  timeout: optional(value.duration('10s', '1h'), { seconds: 120 }),
  panicTimeout: optional(value.duration('1s', '10min'), { seconds: 10 }),
});

const hardwareWatchdog = fields<spec.HardwareWatchdogSpec>()({
  runtimeTimeout: optional(value.duration('1s', '1h'), null),
  rebootTimeout: optional(value.duration('1s', '1h'), null),
  device: optional(value.absolutePath, '/dev/watchdog'),
});

const kernel = fields<spec.KernelSpec>()({
  hungTask: optional(hungTask, null),
  hardwareWatchdog: optional(hardwareWatchdog, null),
  arguments: optional(list(value.kernelArgument), []),
});

export const hosts = (node: NodeName) =>
  list(
    fields<spec.HostsSpec<string>>()({
      nodes: list(node, { min: 1 }),
      name: optional(value.dnsLabel, null),
      rcuWatchdog: optional(rcuWatchdog, null),
      sandboxCleanup: optional(sandboxCleanup, null),
      kernel: optional(kernel, null),
    }),
  );

const recurringJob = (name: string) =>
  fields<spec.RecurringJobSpec>()({
    at: value.timeOfDay,
    retain: integer(1, 100),
    name: optional(value.longhornJobName, name),
  });

export const longhorn = fields<spec.LonghornSpec>()({
  version: value.version,
  namespace: optional(value.dnsLabel, 'longhorn-system'),
  csiSpread: optional(fields<spec.CsiSpreadSpec>()({ replicas: integer(1, 10) }), null),
  dailySnapshot: optional(recurringJob('daily-snapshot'), null),
  backupTarget: tagged('kind', {
    none: fields<spec.NoBackupTargetSpec>()({ kind: oneOf('none') }),
    s3: fields<spec.S3BackupTargetSpec>()({
      kind: oneOf('s3'),
      bucket: value.dnsSubdomain,
      region: value.region,
      path: optional(value.relativePath, ''),
      credentialSecret: value.dnsSubdomain,
      pollInterval: optional(value.duration('1min', '1d'), minutes(5)),
      backup: recurringJob('daily-backup'),
    }),
    'kernel-nfs': fields<spec.KernelNfsBackupTargetSpec>()({
      kind: oneOf('kernel-nfs'),
      server: value.hostName,
      path: value.absolutePath,
    }),
  }),
});

export const backup = (node: NodeName) =>
  fields<spec.BackupSpec<string>>()({
    name: optional(value.cronJobName, 'local-path-backup'),
    namespace: optional(value.dnsLabel, 'kube-system'),
    from: node,
    to: fields<spec.BackupDestinationSpec>()({
      host: value.hostName,
      user: value.userName,
      path: value.mirrorPath,
      port: optional(integer(1, 65_535), 22),
      hostKey: value.sshHostKey,
    }),
    at: value.timeOfDay,
    bandwidthLimitKibPerSecond: integer(1, 1_000_000),
    keySecret: fields<spec.SecretKeySpec>()({ name: value.dnsSubdomain, key: value.secretKey }),
    deadline: optional(value.duration('1min', '1d'), minutes(120)),
    staleAfter: optional(value.duration('1h', '30d'), minutes(26 * 60)),
  });

export const dns = fields<spec.DnsSpec>()({ replicas: optional(integer(1, 10), 2) });

export const monitoring = (node: NodeName) =>
  tagged('install', {
    'kube-prometheus-stack': fields<spec.ChartMonitoringSpec<string>>()({
      install: oneOf('kube-prometheus-stack'),
      namespace: optional(value.dnsLabel, 'monitoring'),
      requiredNode: node,
      runbookBaseUrl: optional(value.url, null),
    }),
    existing: fields<spec.ExistingMonitoringSpec>()({
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
      fields<spec.KeepOffSpec<string>>()({
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
  fields<spec.NetworkPolicySpec>()({
    name: value.dnsSubdomain,
    namespace: value.dnsLabel,
    pods: labels,
    allowFromNamespaces: list(value.dnsLabel, { min: 1 }),
    ports: optional(list(integer(1, 65_535), { min: 1 }), null),
  }),
);

const weekday = oneOf('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');

export const upgrades = fields<spec.UpgradesSpec>()({
  namespace: optional(value.dnsLabel, 'system-upgrade'),
  ubuntu: refine(
    fields<spec.UbuntuUpgradeSpec>()({
      from: value.ubuntuRelease,
      to: value.ubuntuRelease,
      window: refine(
        fields<spec.UbuntuUpgradeSpec['window']>()({
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
  fields<spec.ReachabilitySpec<string>>()({
    nodes: optional(list(node, { min: 1 }), null),
    prober: optional(value.hostAndPort, null),
    tolerate: optional(value.duration('1min', '1h'), minutes(2)),
  });
