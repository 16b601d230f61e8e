/** What can only be said of several entries of hosts together, or of one and its nodes. */
import { DISTRIBUTIONS } from '../distribution.js';
import type { ParsedSpec } from './cluster.js';
import { type Issue, ownValue, show } from './issue.js';
import { hostGroupName } from './resolve.js';

export const HOST_CHECKS = [hostGroups, peerPorts, takenPorts];

const ALIKE = ['role', 'board', 'bootLoader', 'architecture'] as const;

/** A DaemonSet's name becomes a label of its pods. */
const LONGEST_LABEL = 63;

function hostGroups(spec: ParsedSpec): Issue[] {
  const seen = new Map<string, string>();
  const names = new Map<string, string>();
  return spec.hosts.flatMap((group, index) => {
    const path = `hosts[${index}]`;
    const issues: Issue[] = [];
    for (const name of group.nodes) {
      const other = seen.get(name);
      if (other !== undefined)
        issues.push({
          path: `${path}.nodes`,
          message: `expected each node in one entry, got ${show(name)} which is also in ${other}`,
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
    const name = hostGroupName(spec.name, group);
    const namesake = names.get(name);
    if (namesake !== undefined) issues.push(ownValue(`${path}.name`, 'a name', name, namesake));
    if (name.length > LONGEST_LABEL)
      issues.push({ path: `${path}.name`, message: `expected at most ${LONGEST_LABEL} characters, got ${show(name)}` });
    names.set(name, path);
    return issues;
  });
}

/** They ask each other, and the file that says whom has no port in it. */
function peerPorts(spec: ParsedSpec): Issue[] {
  const first = spec.hosts.findIndex(({ rcuWatchdog }) => rcuWatchdog !== null);
  const expected = spec.hosts[first]?.rcuWatchdog?.peerPort;
  return spec.hosts.flatMap(({ rcuWatchdog }, index) =>
    rcuWatchdog === null || rcuWatchdog.peerPort === expected
      ? []
      : [
          {
            path: `hosts[${index}].rcuWatchdog.peerPort`,
            message: `expected ${expected} as in hosts[${first}] (the nodes ask each other), got ${rcuWatchdog.peerPort}`,
          },
        ],
  );
}

const NODE_PORTS = { first: 30_000, last: 32_767 };

/** systemd listens before Kubernetes starts, which then finds its port taken: the node would not come up. */
function takenPorts(spec: ParsedSpec): Issue[] {
  const own = DISTRIBUTIONS[spec.distribution].ownPorts;
  return spec.hosts.flatMap(({ rcuWatchdog }, index) => {
    const port = rcuWatchdog?.peerPort;
    if (port === undefined) return [];
    const isNodePort = port >= NODE_PORTS.first && port <= NODE_PORTS.last;
    if (!isNodePort && !own.includes(port)) return [];
    const expected = isNodePort
      ? `a port outside ${NODE_PORTS.first} to ${NODE_PORTS.last} (Services of type NodePort use these)`
      : `a port that ${spec.distribution} does not use itself`;
    return [{ path: `hosts[${index}].rcuWatchdog.peerPort`, message: `expected ${expected}, got ${port}` }];
  });
}
