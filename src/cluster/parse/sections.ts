/** What a spec says of everything but hosts and storage, with its defaults. */
import { formatClockTime } from '../clock-time.js';
import { minutes } from '../duration.js';
import type { PatchName } from '../patches.js';
import type { GitopsSpec } from '../spec/gitops.js';
import type { ImagesSpec } from '../spec/images.js';
import type { UbuntuUpgradeSpec, UpgradesSpec } from '../spec/upgrades.js';
import type { DnsSpec, KeepOffSpec, NetworkPolicySpec } from '../spec/workloads.js';
import { fields, optional } from './fields.js';
import { show } from './issue.js';
import { integer, list, oneOf, type Parser, record, refine, text } from './parser.js';
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

export const images = fields<ImagesSpec>()({
  alpine: optional(value.image, null),
  node: optional(value.image, null),
  coredns: optional(value.image, null),
});

export const dns = fields<DnsSpec>()({ replicas: optional(integer(1, 10), 2) });

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

/** Whether there is such a patch is asked of the whole description. */
export const retiring: Parser<readonly PatchName[]> = list(
  text('the name of a patch, e.g. "coredns"', (word) =>
    /^[a-z0-9-]+(\/[a-z0-9-]+\/[a-z0-9.-]+)?$/.test(word) ? (word as PatchName) : undefined,
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

export const upgrades = fields<UpgradesSpec>()({
  namespace: optional(value.dnsLabel, 'system-upgrade'),
  ubuntu: refine(
    fields<UbuntuUpgradeSpec>()({
      from: value.ubuntuRelease,
      to: value.ubuntuRelease,
      window: refine(
        fields<UbuntuUpgradeSpec['window']>()({
          days: list(value.weekday, { min: 1 }),
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
