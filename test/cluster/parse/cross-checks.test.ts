import { describe, expect, test } from 'vitest';
import { set } from '../../support/change.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

test.each([
  [
    'two servers on SQLite',
    set(set(FULL_K3S_SPEC, 'datastore', 'sqlite'), 'nodes.cork.role', 'server'),
    'nodes: expected exactly one node with role "server" (datastore is "sqlite"), got 2',
  ],
  [
    'etcd without a server',
    set(MINIMAL_SPEC, 'nodes.lamp.role', 'agent'),
    'nodes: expected exactly one node with role "server" (datastore is "sqlite"), got 0',
  ],
  [
    'k3s without a server',
    {
      ...FULL_K3S_SPEC,
      nodes: {
        barrel: { ...FULL_K3S_SPEC.nodes.barrel, role: 'agent' },
        bottle: FULL_K3S_SPEC.nodes.bottle,
        cork: FULL_K3S_SPEC.nodes.cork,
      },
    },
    'nodes: expected at least one node with role "server", got 0',
  ],
  [
    'an address that two nodes have',
    set(FULL_K3S_SPEC, 'nodes.cork.address', '192.0.2.10'),
    'nodes.cork.address: expected an address of its own, got "192.0.2.10" which nodes.barrel has',
  ],
  [
    'a PC with a Raspberry Pi boot loader',
    set(MINIMAL_SPEC, 'nodes.lamp.bootLoader', 'piboot'),
    'nodes.lamp.bootLoader: expected "grub" (board is "generic"), got "piboot"',
  ],
  [
    'a Raspberry Pi with an Intel processor',
    set(FULL_K3S_SPEC, 'nodes.barrel.architecture', 'amd64'),
    'nodes.barrel.architecture: expected "arm64" (board is "raspberry-pi"), got "amd64"',
  ],
  [
    'a node in two entries of hosts',
    set(FULL_K3S_SPEC, 'hosts[1].nodes[2]', 'barrel'),
    'hosts[1].nodes: expected each node in one entry, got "barrel" which is also in hosts[0]',
  ],
  [
    'a port for the watchdog that k3s listens on',
    set(set(FULL_K3S_SPEC, 'hosts[0].rcuWatchdog.peerPort', 6443), 'hosts[1].rcuWatchdog', undefined),
    'hosts[0].rcuWatchdog.peerPort: expected a port that k3s does not use itself, got 6443',
  ],
  [
    'a port for the watchdog that a Service may get',
    set(set(FULL_K3S_SPEC, 'hosts[0].rcuWatchdog.peerPort', 30_000), 'hosts[1].rcuWatchdog', undefined),
    'hosts[0].rcuWatchdog.peerPort: expected a port outside 30000 to 32767 (Services of type NodePort use these), got 30000',
  ],
  [
    'a parameter that contradicts an argument',
    set(FULL_K3S_SPEC, 'hosts[0].kernel', {
      arguments: ['rcupdate.rcu_normal=1'],
      parameters: { 'rcupdate.rcu_normal': '0' },
    }),
    'hosts[0].kernel.parameters.rcupdate.rcu_normal: expected "1" as the argument "rcupdate.rcu_normal=1" says (the same setting), got "0"',
  ],
  [
    'a parameter in both spellings with two values',
    set(FULL_K3S_SPEC, 'hosts[0].kernel', { parameters: { 'dm-mod.x': '1', 'dm_mod.x': '2' } }),
    'hosts[0].kernel.parameters.dm_mod.x: expected "1" as "dm-mod.x" says (the same setting), got "2"',
  ],
  [
    'two entries of hosts with one name',
    set(FULL_K3S_SPEC, 'hosts[1].name', 'barrel-node-bootstrap'),
    'hosts[1].name: expected a name of its own, got "barrel-node-bootstrap" which hosts[0] has',
  ],
  [
    'a lease for a control plane that no entry of hosts covers',
    set(set(FULL_MICROK8S_SPEC, 'hosts[0].nodes', ['rake', 'hoe']), 'upgrades', undefined),
    'schedulerLease: expected every control-plane node in hosts (node-bootstrap writes the arguments file), got none with "spade"',
  ],
  [
    'upgrades of a node that no entry of hosts covers',
    set(FULL_K3S_SPEC, 'hosts[1].nodes', ['bottle']),
    'upgrades: expected every node in hosts (node-bootstrap brings the upgrade script), got none with "cork"',
  ],
  [
    'a Probe without a Prometheus',
    set(FULL_K3S_SPEC, 'monitoring', undefined),
    'reachability.prober: expected monitoring to be described too (the Probe needs a Prometheus), got "nas.example:9115" without',
  ],
  [
    'one NetworkPolicy twice',
    {
      ...FULL_K3S_SPEC,
      networkPolicies: [...FULL_K3S_SPEC.networkPolicies, { ...FULL_K3S_SPEC.networkPolicies[0], ports: [1] }],
    },
    'networkPolicies[1].name: expected a name in namespace "wiki" of its own, got "wiki-from-proxy-only" which networkPolicies[0] has',
  ],
  [
    'one Deployment kept off twice',
    { ...FULL_K3S_SPEC, keepOff: [...FULL_K3S_SPEC.keepOff, { ...FULL_K3S_SPEC.keepOff[0], nodes: ['bottle'] }] },
    'keepOff[1].deployment: expected a name in namespace "tunnel" of its own, got "tunnel" which keepOff[0] has',
  ],
  [
    'a Deployment kept off every node',
    set(FULL_K3S_SPEC, 'keepOff[0].nodes', ['barrel', 'bottle', 'cork']),
    'keepOff[0].nodes: expected at least one node to be left, got ["barrel","bottle","cork"]',
  ],
  [
    'one name for snapshots and backups',
    set(FULL_K3S_SPEC, 'longhorn.backupTarget.backup.name', 'nightly'),
    'longhorn.backupTarget.backup.name: expected a name of its own, got "nightly" which longhorn.dailySnapshot has',
  ],
  [
    'more CoreDNS replicas than nodes',
    set(FULL_K3S_SPEC, 'dns.replicas', 4),
    'dns.replicas: expected at most 3, each replica needs a node of its own, got 4',
  ],
  [
    'CoreDNS twice on the only node',
    { ...MINIMAL_SPEC, dns: {} },
    'dns.replicas: expected dns to be left out (there is one node), each replica needs a node of its own, got 2',
  ],
  [
    'a NetworkPolicy that nobody enforces',
    { ...FULL_MICROK8S_SPEC, cni: 'flannel' },
    'networkPolicies: expected cni "calico", got "flannel", which enforces no NetworkPolicy: the pods would stay open to all',
  ],
])('%s is refused', (_, spec, issue) => {
  expect(issuesOfSpec(spec)).toContain(issue);
});

test.each(['role', 'board', 'bootLoader', 'architecture'] as const)(
  'nodes of one entry of hosts share their %s',
  (key) => {
    const other = { role: 'server', board: 'generic', bootLoader: 'piboot', architecture: 'amd64' }[key];
    const [issue] = issuesOfSpec(set(FULL_K3S_SPEC, `nodes.cork.${key}`, other)).filter((text) =>
      text.startsWith('hosts'),
    );

    expect(issue).toMatch(new RegExp(`^hosts\\[1\\]\\.nodes: expected nodes with the same ${key}, got ".+" and ".+"$`));
  },
);

test('a DaemonSet name that becomes too long a label is refused', () => {
  const name = 'n'.repeat(60);
  const spec = { ...MINIMAL_SPEC, nodes: { [name]: MINIMAL_SPEC.nodes.lamp }, hosts: [{ nodes: [name] }] };

  expect(issuesOfSpec(spec)).toEqual([`hosts[0].name: expected at most 63 characters, got "${name}-node-bootstrap"`]);
});

describe('what the checks must let through', () => {
  test.each([
    [
      'two NetworkPolicies of one name in two namespaces',
      {
        ...FULL_K3S_SPEC,
        networkPolicies: [
          ...FULL_K3S_SPEC.networkPolicies,
          { ...FULL_K3S_SPEC.networkPolicies[0], namespace: 'other' },
        ],
      },
    ],
    ['a look from outside without a Prometheus, if no Probe is asked for', { ...MINIMAL_SPEC, reachability: {} }],
    [
      'several servers on etcd',
      set(FULL_K3S_SPEC, 'nodes', {
        ...FULL_K3S_SPEC.nodes,
        plug: { ...FULL_K3S_SPEC.nodes.barrel, address: '192.0.2.13' },
      }),
    ],
  ])('%s', (_, spec) => {
    expect(issuesOfSpec(spec).filter((issue) => !/^(upgrades|reboots\.schedule):/.test(issue))).toEqual([]);
  });
});

test('sidecars cannot be spread over one node', () => {
  const longhorn = { version: '1.11.3', csiSpread: { replicas: 2 }, backupTarget: { kind: 'none' } };

  expect(issuesOfSpec({ ...MINIMAL_SPEC, longhorn })).toEqual([
    'longhorn.csiSpread: expected more than one node to spread over, got 1: leave it out',
  ]);
});
