/** What can only be said of a spec as a whole: each check names the place that has to change. */
import type { ParsedSpec } from './cluster.js';
import { type Issue, show } from './issue.js';

export function crossCheck(spec: ParsedSpec): readonly Issue[] {
  return [
    ...controlPlane(spec),
    ...boards(spec),
    ...hostGroups(spec),
    ...lease(spec),
    ...monitored(spec),
    ...upgradable(spec),
  ];
}

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

const ALIKE = ['role', 'board', 'bootLoader', 'architecture'] as const;

function hostGroups(spec: ParsedSpec): Issue[] {
  const seen = new Map<string, string>();
  const names = new Map<string, string>();
  return spec.hosts.flatMap((group, index) => {
    const path = `hosts[${index}]`;
    const issues: Issue[] = [];
    const [first] = group.nodes;
    for (const name of group.nodes) {
      const other = seen.get(name);
      if (other !== undefined)
        issues.push({
          path: `${path}.nodes`,
          message: `expected each node once, got ${show(name)} which is also in ${other}`,
        });
      seen.set(name, path);
    }
    for (const key of ALIKE) {
      const values = [...new Set(group.nodes.map((name) => spec.nodes.get(name)?.[key]))];
      if (values.length > 1)
        issues.push({
          path: `${path}.nodes`,
          message: `expected nodes with the same ${key}, got ${values.map(show).join(' and ')}`,
        });
    }
    const name = group.name ?? `${group.nodes.length === 1 ? first : spec.name}-node-bootstrap`;
    const namesake = names.get(name);
    if (namesake !== undefined)
      issues.push({
        path: `${path}.name`,
        message: `expected a name of its own, got ${show(name)} which ${namesake} has`,
      });
    names.set(name, path);
    return issues;
  });
}

const bootstrapped = (spec: ParsedSpec): ReadonlySet<string> => new Set(spec.hosts.flatMap(({ nodes }) => nodes));

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

function monitored(spec: ParsedSpec): Issue[] {
  if (spec.reachability?.prober === null || spec.reachability === null || spec.monitoring !== null) return [];
  return [
    {
      path: 'reachability.prober',
      message: 'expected monitoring to be described too (the Probe needs a Prometheus), got nothing',
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
