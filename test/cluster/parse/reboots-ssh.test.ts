import { expect, test } from 'vitest';
import { readCluster, writeCluster } from '../../../src/cluster/transfer.js';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

const KEY = `ssh-ed25519 AAAA${'C3NzaC1lZDI1NTE5'.repeat(4)}` as const;
const SSH = { user: 'ops', nodes: { lamp: { hostKey: KEY } } };

const issuesOf = (ssh: object) => issuesOfSpec({ ...MINIMAL_SPEC, reboots: { ssh } });
const host = (own: object) => issuesOf({ ...SSH, nodes: { lamp: { hostKey: KEY, ...own } } });

test('a host without its key is refused: whoever answers in its place would be asked', () => {
  expect(issuesOf({ user: 'ops', nodes: { lamp: {} } })).toEqual([
    'reboots.ssh.nodes.lamp.hostKey: expected the type and the text of a public host key, without name or comment, e.g. "ssh-ed25519 AAAA…", got nothing',
  ]);
});

test.each([
  `${KEY}\n*`,
  `@cert-authority ${KEY}`,
  `lamp ${KEY}`,
  `${KEY} comment`,
  '-----BEGIN OPENSSH PRIVATE KEY-----',
])('%j is no pinned host key', (hostKey) => {
  expect(host({ hostKey })).toHaveLength(1);
});

test.each([
  ['host', '-oProxyCommand=reboot', 'a host name or an IP address'],
  ['host', 'lamp attic', 'a host name or an IP address'],
  ['host', 'ops@lamp', 'a host name or an IP address'],
  ['host', 'fe80::1%eth0', 'a host name or an IP address'],
  ['user', '-oProxyCommand=reboot', 'a login name, e.g. "backup"'],
  ['user', 'ops attic', 'a login name, e.g. "backup"'],
  ['user', '$(reboot)', 'a login name, e.g. "backup"'],
])('a %s is never an option or two words: %j', (key, given, expected) => {
  expect(host({ [key]: given })).toEqual([
    `reboots.ssh.nodes.lamp.${key}: expected ${expected}, got ${JSON.stringify(given)}`,
  ]);
});

test('a login name, a port and sudo for all hosts are held to the same', () => {
  expect(issuesOf({ user: '-l', port: 0, sudo: 'yes', nodes: SSH.nodes })).toEqual([
    'reboots.ssh.user: expected a login name, e.g. "backup", got "-l"',
    'reboots.ssh.port: expected a whole number from 1 to 65535, got 0',
    'reboots.ssh.sudo: expected true or false, got "yes"',
  ]);
});

test.each(['identityFile', 'key', 'keySecret', 'password'])(
  'a %s is not described, and is not shown: ssh has its own settings',
  (key) => {
    const expected = 'unknown key; it belongs to your own ~/.ssh/config or ssh-agent';

    expect(issuesOf({ ...SSH, [key]: 'hunter2' })).toEqual([`reboots.ssh.${key}: ${expected}`]);
    expect(host({ [key]: 'hunter2' })).toEqual([`reboots.ssh.nodes.lamp.${key}: ${expected}`]);
  },
);

test('one host key for all hosts is refused with its place', () => {
  expect(issuesOf({ ...SSH, hostKey: KEY })).toEqual([
    'reboots.ssh.hostKey: unknown key; it belongs to nodes, with each of them',
  ]);
});

test('a node that is not described, and no node at all, are refused', () => {
  expect(issuesOf({ ...SSH, nodes: { lmp: { hostKey: KEY } } })).toEqual([
    'reboots.ssh.nodes.lmp: expected "lamp", got "lmp"; did you mean "lamp"?',
  ]);
  expect(issuesOf({ ...SSH, nodes: {} })).toHaveLength(1);
});

test('a cluster that rolls by itself has no key for SSH', () => {
  const nodes = {
    lamp: MINIMAL_SPEC.nodes.lamp,
    bulb: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' },
  };
  const schedule = { days: ['sunday'], start: '02:00', end: '04:00' };
  const spec = { ...MINIMAL_SPEC, nodes, hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }] };
  const message =
    'reboots.ssh: expected none beside reboots.schedule (the cluster has no key for SSH), got one: leave one of them out';

  expect(issuesOfSpec({ ...spec, reboots: { schedule, ssh: SSH } })).toEqual([message]);
  expect(issuesOfSpec({ ...spec, reboots: { schedule } })).toEqual([]);
  expect(issuesOfSpec({ ...spec, reboots: { ssh: SSH } })).toEqual([]);
});

test('without it no host is reached over SSH', () => {
  expect(minimal().reboots.ssh.size).toBe(0);
  expect(minimal({ reboots: {} }).reboots.ssh.size).toBe(0);
});

test('a host has what is said for all, its own before that, and the address of its node', () => {
  const all = { ...SSH, port: 2222 };

  const { address } = minimal().controlPlane;
  expect(minimal({ reboots: { ssh: all } }).reboots.ssh.get('lamp')).toEqual({
    ...{ host: address, port: 2222, user: 'ops', sudo: true, hostKey: KEY },
  });
  const own = { hostKey: KEY, host: 'lamp.lan', port: 22, user: 'root' };
  expect(minimal({ reboots: { ssh: { ...all, nodes: { lamp: own } } } }).reboots.ssh.get('lamp')).toEqual({
    ...{ host: 'lamp.lan', port: 22, user: 'root', sudo: false, hostKey: KEY },
  });
});

test('whether sudo is needed can be said for all and for one', () => {
  const sudoOf = (all: object, own: object) =>
    minimal({ reboots: { ssh: { ...SSH, ...all, nodes: { lamp: { hostKey: KEY, ...own } } } } }).reboots.ssh.get('lamp')
      ?.sudo;

  expect(sudoOf({ sudo: false }, {})).toBe(false);
  expect(sudoOf({ sudo: false }, { sudo: true })).toBe(true);
  expect(sudoOf({ sudo: true }, { user: 'root' })).toBe(true);
});

test('it arrives where the description does not', () => {
  const cluster = minimal({ reboots: { ssh: SSH } });

  expect(readCluster(writeCluster(cluster)).reboots.ssh).toEqual(cluster.reboots.ssh);
});
