/** What can only be said of several parts of a spec together: each check names the place that has to change. */

import { describedPatches } from '../patches.js';
import type { ParsedSpec } from './cluster.js';
import { HOST_CHECKS } from './host-checks.js';
import { didYouMean, type Issue, ownValue, show, showChoices } from './issue.js';
import { NETWORK_CHECKS } from './network-checks.js';

/** Each reads as little of the spec as it can: a check is left out while a part that it reads is itself wrong. */
export const CROSS_CHECKS: readonly ((spec: ParsedSpec) => readonly Issue[])[] = [
  controlPlane,
  addresses,
  boards,
  ...HOST_CHECKS,
  lease,
  namesakes,
  monitored,
  upgradable,
  rebootOrder,
  rebootSchedule,
  rebootSsh,
  recurringJobs,
  keptOff,
  retired,
  spread,
  ...NETWORK_CHECKS,
];

function controlPlane(spec: ParsedSpec): Issue[] {
  const count = [...spec.nodes.values()].filter(({ role }) => role === 'control-plane').length;
  const [expectation, fits] =
    spec.distribution === 'k3s' && spec.datastore === 'sqlite'
      ? ['exactly one node with role "server" (datastore is "sqlite")', count === 1]
      : spec.distribution === 'k3s'
        ? ['at least one node with role "server"', count > 0]
        : ['at least one node with role "control-plane"', count > 0];
  return fits ? [] : [{ path: 'nodes', message: `expected ${expectation}, got ${count}` }];
}

function addresses(spec: ParsedSpec): Issue[] {
  const owners = new Map<string, string>();
  return [...spec.nodes].flatMap(([name, { address }]) => {
    const owner = owners.get(address);
    owners.set(address, owner ?? name);
    return owner === undefined ? [] : [ownValue(`nodes.${name}.address`, 'an address', address, `nodes.${owner}`)];
  });
}

function boards(spec: ParsedSpec): Issue[] {
  return [...spec.nodes].flatMap(([name, { board, bootLoader, architecture }]) => [
    ...(board === 'generic' && bootLoader !== 'grub'
      ? [{ path: `nodes.${name}.bootLoader`, message: `expected "grub" (board is "generic"), got ${show(bootLoader)}` }]
      : []),
    ...(board === 'raspberry-pi' && architecture !== 'arm64'
      ? [
          {
            path: `nodes.${name}.architecture`,
            message: `expected "arm64" (board is "raspberry-pi"), got ${show(architecture)}`,
          },
        ]
      : []),
  ]);
}

/** An entry that takes everything back brings nothing. */
const bootstrapped = (spec: ParsedSpec): ReadonlySet<string> =>
  new Set(spec.hosts.flatMap(({ nodes, state }) => (state === 'absent' ? [] : nodes)));

function lease(spec: ParsedSpec): Issue[] {
  if (spec.distribution !== 'microk8s' || spec.schedulerLease === null) return [];
  const covered = bootstrapped(spec);
  return [...spec.nodes]
    .filter(([name, { role }]) => role === 'control-plane' && !covered.has(name))
    .map(([name]) => ({
      path: 'schedulerLease',
      message: `expected every control-plane node in hosts (node-bootstrap writes the arguments file), got none with ${show(name)}`,
    }));
}

/** Two entries that mean the same object of the cluster. */
function namesakes(spec: ParsedSpec): Issue[] {
  const repeated = (
    section: string,
    key: string,
    names: readonly { readonly namespace: string; readonly name: string }[],
  ) => {
    const owners = new Map<string, string>();
    return names.flatMap(({ namespace, name }, index) => {
      const owner = owners.get(`${namespace}/${name}`);
      owners.set(`${namespace}/${name}`, owner ?? `${section}[${index}]`);
      return owner === undefined
        ? []
        : [ownValue(`${section}[${index}].${key}`, `a name in namespace ${show(namespace)}`, name, owner)];
    });
  };
  return [
    ...repeated('networkPolicies', 'name', spec.networkPolicies),
    ...repeated(
      'keepOff',
      'deployment',
      spec.keepOff.map(({ namespace, deployment }) => ({ namespace, name: deployment })),
    ),
  ];
}

function monitored(spec: ParsedSpec): Issue[] {
  if (spec.reachability === null || spec.reachability.prober === null || spec.monitoring !== null) return [];
  return [
    {
      path: 'reachability.prober',
      message: `expected monitoring to be described too (the Probe needs a Prometheus), got ${show(spec.reachability.prober)} without`,
    },
  ];
}

function upgradable(spec: ParsedSpec): Issue[] {
  if (spec.upgrades === null) return [];
  const covered = bootstrapped(spec);
  return [...spec.nodes.keys()]
    .filter((name) => !covered.has(name))
    .map((name) => ({
      path: 'upgrades',
      message: `expected every node in hosts (node-bootstrap brings the upgrade script), got none with ${show(name)}`,
    }));
}

/** A node that is left out would never be rebooted, and nobody would hear of it. */
function rebootOrder(spec: ParsedSpec): Issue[] {
  const { order } = spec.reboots;
  if (order === null) return [];
  const missing = [...spec.nodes.keys()].filter((name) => !order.includes(name));
  return missing.length === 0
    ? []
    : [{ path: 'reboots.order', message: `expected every node once (${missing.join(', ')} too), got ${show(order)}` }];
}

/** The roll itself must be somewhere while a node is away; and what does not report is never known to wait. */
function rebootSchedule(spec: ParsedSpec): Issue[] {
  if (spec.reboots.schedule === null) return [];
  const covered = bootstrapped(spec);
  const path = 'reboots.schedule';
  return [
    ...(spec.nodes.size > 1
      ? []
      : [{ path, message: 'expected two nodes or more (the roll runs on another one), got 1: leave it out' }]),
    ...[...spec.nodes.keys()]
      .filter((name) => !covered.has(name))
      .map((name) => ({
        path,
        message: `expected every node in hosts (node-bootstrap reports that one waits for a reboot), got none with ${show(name)}`,
      })),
  ];
}

/** Keys for SSH are a person's, and the cluster gets none. */
function rebootSsh({ reboots: { schedule, ssh } }: ParsedSpec): Issue[] {
  return schedule === null || ssh === null
    ? []
    : [
        {
          path: 'reboots.ssh',
          message:
            'expected none beside reboots.schedule (the cluster has no key for SSH), got one: leave one of them out',
        },
      ];
}

function recurringJobs({ longhorn }: ParsedSpec): Issue[] {
  if (longhorn === null || longhorn.dailySnapshot === null || longhorn.backupTarget.kind !== 's3') return [];
  const { name } = longhorn.backupTarget.backup;
  return name === longhorn.dailySnapshot.name
    ? [ownValue('longhorn.backupTarget.backup.name', 'a name', name, 'longhorn.dailySnapshot')]
    : [];
}

function spread({ longhorn, nodes }: ParsedSpec): Issue[] {
  if (longhorn === null || longhorn.csiSpread === null || nodes.size > 1) return [];
  return [{ path: 'longhorn.csiSpread', message: 'expected more than one node to spread over, got 1: leave it out' }];
}

function keptOff(spec: ParsedSpec): Issue[] {
  return spec.keepOff.flatMap(({ nodes }, index) =>
    nodes.length < spec.nodes.size
      ? []
      : [{ path: `keepOff[${index}].nodes`, message: `expected at least one node to be left, got ${show(nodes)}` }],
  );
}

function retired(spec: ParsedSpec): Issue[] {
  if (spec.retiring.length === 0) return [];
  const described = describedPatches(spec);
  const known: readonly string[] = described;
  return spec.retiring.flatMap((patch, index) =>
    known.includes(patch)
      ? []
      : [
          {
            path: `retiring[${index}]`,
            message:
              described.length === 0
                ? `expected nothing (no patch of a foreign object is described), got ${show(patch)}`
                : `expected ${showChoices(described)}, which are described, got ${show(patch)}${didYouMean(patch, described)}`,
          },
        ],
  );
}
