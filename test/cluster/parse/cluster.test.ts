import { describe, expect, test } from 'vitest';
import homelab from '../../../src/clusters/homelab.js';
import pvek8s from '../../../src/clusters/pvek8s.js';
import { at, placesIn, set } from '../../support/change.js';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

test.each([
  ['homelab', homelab],
  ['pvek8s', pvek8s],
  ['everything on k3s', FULL_K3S_SPEC],
  ['everything on microk8s', FULL_MICROK8S_SPEC],
])('%s is understood', (_, spec) => {
  expect(issuesOfSpec(spec)).toEqual([]);
});

describe('what is no description at all', () => {
  const cyclic: Record<string, unknown> = { distribution: 'k3s' };
  cyclic.nodes = cyclic;

  test.each([
    ['nothing', undefined, 'nothing'],
    ['null', null, 'null'],
    ['a list', [homelab], '[{"name":"homelab"'],
    ['a text', 'homelab', '"homelab"'],
    ['a function', () => homelab, 'a function'],
    ['a Map', new Map(Object.entries(homelab)), 'an instance of Map'],
  ])('%s is refused', (_, input, shown) => {
    const [issue, ...others] = issuesOfSpec(input);

    expect(issue).toContain(`: expected an object whose distribution is one of "k3s", "microk8s", got ${shown}`);
    expect(others).toEqual([]);
  });

  test('a cycle is refused, not followed', () => {
    expect(issuesOfSpec(cyclic)).toContain(
      'nodes.distribution: expected an object with address, timeZone, architecture, board, bootLoader, role, got "k3s"',
    );
  });
});

describe('all problems are reported at once', () => {
  test('in every section, whatever the distribution', () => {
    const spec = {
      ...FULL_K3S_SPEC,
      distribution: 'k3',
      name: 'The Cellar',
      gitops: { repoUrl: '' },
      dns: { replicas: '2' },
      networkPolicies: {},
    };

    expect(issuesOfSpec(spec)).toEqual([
      'distribution: expected one of "k3s", "microk8s", got "k3"; did you mean "k3s"?',
      'name: expected a DNS label of at most 40, got "The Cellar"',
      'gitops.repoUrl: expected a URL without a password, e.g. "https://git.example/me/cluster.git", got ""',
      'dns.replicas: expected a whole number from 1 to 10, got "2"',
      'networkPolicies: expected a list, got {}',
    ]);
  });

  test('in a part and between other parts', () => {
    const spec = set(set(FULL_K3S_SPEC, 'longhorn.version', 'latest'), 'dns.replicas', 9);

    expect(issuesOfSpec(spec)).toEqual([
      'longhorn.version: expected a version with three numbers, e.g. "1.11.3", got "latest"',
      'dns.replicas: expected at most 3, each replica needs a node of its own, got 9',
    ]);
  });

  test('in one node and in those after it', () => {
    const spec = set(set(FULL_K3S_SPEC, 'nodes.barrel.timeZone', 'MST'), 'nodes.cork.adress', '192.0.2.1');

    expect(issuesOfSpec(spec)).toEqual([
      'nodes.barrel.timeZone: expected an IANA time zone, e.g. "America/Edmonton", got "MST"',
      'nodes.cork.adress: unknown key; did you mean "address"?',
    ]);
  });
});

/** Where, what is put there, and the whole message. */
const MESSAGES: readonly (readonly [string, unknown, string])[] = [
  ['name', 'Cellar', 'expected a DNS label of at most 40, got "Cellar"'],
  ['datastore', 'mysql', 'expected one of "sqlite", "etcd", got "mysql"'],
  [
    'gitops.path',
    '/rendered',
    'expected a relative path, plain and without blanks, e.g. "dist/attic", got "/rendered"',
  ],
  ['gitops.applicationPrefix', '', 'expected lower-case letters, digits and "-", at most 20, got ""'],
  ['nodes', {}, 'expected an object with at least 1 key, got {}'],
  ['nodes.barrel.role', 'agnet', 'expected one of "server", "agent", got "agnet"; did you mean "agent"?'],
  ['nodes.barrel.role', 'control-plane', 'expected one of "server", "agent", got "control-plane"'],
  ['nodes.barrel.address', '10.0.1', 'expected a host name or an IP address, got "10.0.1"'],
  ['hosts[0].nodes', [], 'expected a list of at least 1, got []'],
  ['hosts[0].nodes[0]', 'barel', 'expected one of "barrel", "bottle", "cork", got "barel"; did you mean "barrel"?'],
  ['hosts[0].rcuWatchdog.burst.within', '2m', 'expected a duration from 1min to 6h (units s, min, h, d), got "2m"'],
  ['hosts[1].rcuWatchdog.burst.within', '60s', 'expected at least checkEvery (90s), got "1min"'],
  ['hosts[0].rcuWatchdog', true, 'expected an object, got true'],
  ['hosts[0].rcuWatchdog.maxRebootsInARow', 10, 'expected a whole number from 1 to 4, got 10'],
  ['hosts[0].rcuWatchdog.healthyAfter', '30min', 'expected a duration from 2h to 7d (units s, min, h, d), got "30min"'],
  ['hosts[0].rcuWatchdog.form', 'steam', 'expected one of "stream", "timer", got "steam"; did you mean "stream"?'],
  ['hosts[0].rcuWatchdog.form', null, 'expected one of "stream", "timer", got null'],
  ['hosts[0].rcuWatchdog.checkEvery', '2min', 'unknown key; it belongs to form: "timer"'],
  ['hosts[1].rcuWatchdog.stuck', '3min', 'unknown key; it belongs to form: "stream"'],
  ['hosts[1].rcuWatchdog.chronic', {}, 'unknown key; it belongs to form: "stream"'],
  ['hosts[1].rcuWatchdog.blackHole', 'off', 'unknown key; it belongs to form: "stream"'],
  ['hosts[0].rcuWatchdog.blackHole', 'of', 'expected "off" or an object with after, got "of"'],
  ['hosts[0].rcuWatchdog.blackHole', true, 'expected "off" or an object with after, got true'],
  ['hosts[0].rcuWatchdog.chronic.action', 'reboot', 'expected "alert" or an object with window, got "reboot"'],
  ['hosts[0].rcuWatchdog.chronic.action.window.end', '03:30', 'expected another time than start, got "03:30"'],
  ['hosts[1].rcuWatchdog.peerPort', 9847, 'expected 9848 as in hosts[0] (the nodes ask each other), got 9847'],
  ['hosts[0].rcuWatchdog.peerPort', 80, 'expected a whole number from 1024 to 65535, got 80'],
  ['hosts[0].rcuWatchdog.sustained.stalls', 0, 'expected a whole number from 1 to 2000, got 0'],
  ['hosts[0].rcuWatchdog.chronic.stalls', 2001, 'expected a whole number from 1 to 2000, got 2001'],
  [
    'hosts[0].kernel.hungTask.panicTimeout',
    '0s',
    'expected a duration from 1s to 10min (units s, min, h, d), got "0s"',
  ],
  [
    'hosts[0].kernel.arguments[0]',
    'a b',
    'expected one word of a kernel command line, e.g. "rcupdate.rcu_normal=1", got "a b"',
  ],
  ['longhorn.version', 'latest', 'expected a version with three numbers, e.g. "1.11.3", got "latest"'],
  ['longhorn.backupTarget.kind', 'nfs', 'expected one of "none", "s3", "kernel-nfs", got "nfs"'],
  ['longhorn.dailySnapshot.retain', 101, 'expected a whole number from 1 to 100, got 101'],
  ['backup.from', 'nas', 'expected one of "barrel", "bottle", "cork", got "nas"'],
  [
    'backup.to.path',
    '/',
    'expected an absolute path of a folder for this alone, of letters, digits and "._=%,+@-", e.g. "/backup/snapshots", got "/"',
  ],
  [
    'backup.to.hostKey',
    'ssh-ed25519 AAAA',
    'expected the type and the text of a public host key, without name or comment, e.g. "ssh-ed25519 AAAA…", got "ssh-ed25519 AAAA"',
  ],
  ['backup.bandwidthLimitKibPerSecond', 0, 'expected a whole number from 1 to 1000000, got 0'],
  ['backup.bandwidthLimitKibPerSecond', 2.5, 'expected a whole number from 1 to 1000000, got 2.5'],
  ['backup.at', '2:30', 'expected a time of day from "00:00" to "23:59", got "2:30"'],
  ['dns.replicas', Number.NaN, 'expected a whole number from 1 to 10, got NaN'],
  ['monitoring.install', 'prometheus', 'expected one of "kube-prometheus-stack", "existing", got "prometheus"'],
  [
    'monitoring.requiredNode',
    'bottel',
    'expected one of "barrel", "bottle", "cork", got "bottel"; did you mean "bottle"?',
  ],
  [
    'keepOff[0].appliedBy',
    'kubectl-apply',
    'expected "helm" or "controller", got "kubectl-apply": a partial patch of what kubectl apply owns fails for ever; put the affinity into the manifest that is applied',
  ],
  [
    'keepOff[0].appliedBy',
    'argocd',
    'expected "helm" or "controller", got "argocd": two Applications on one object undo each other; put the affinity into the Application that has it',
  ],
  ['networkPolicies[0].pods', {}, 'expected an object with at least 1 key, got {}'],
  ['networkPolicies[0].ports[0]', '8080', 'expected a whole number from 1 to 65535, got "8080"'],
  ['upgrades.ubuntu.to', '25.10', 'expected a release after 25.10, got "25.10"'],
  [
    'upgrades.ubuntu.window.days[0]',
    'sun',
    'expected one of "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", got "sun"',
  ],
  ['upgrades.ubuntu.window.end', '08:00', 'expected a time after start (09:00), got "08:00"'],
  ['reachability.prober', 'nas', 'expected a host and a port, e.g. "nas.lan:9115", got "nas"'],
  ['reachability.notify.kind', 'pager', 'expected one of "ntfy", "slack", "webhook", got "pager"'],
  [
    'reachability.notify.urlFile',
    'https://chat.example/hooks/x',
    'expected the absolute path of a file, e.g. "/etc/selfheal/webhook.url", got a text of 28 characters (not shown)',
  ],
  [
    'reachability.notify',
    'https://chat.example/hooks/x',
    'expected an object whose kind is one of "ntfy", "slack", "webhook", got a text of 28 characters (not shown)',
  ],
];

describe('messages name the place, what was expected and what was found', () => {
  test.each(MESSAGES)('%s: %j', (path, replacement, message) => {
    expect(issuesOfSpec(set(FULL_K3S_SPEC, path, replacement))).toEqual([`${path}: ${message}`]);
  });

  test.each([
    ['jiva', { replicas: 3 }],
    ['cni', 'calico'],
    ['schedulerLease', { leaseDuration: '20s' }],
  ])('k3s is told that %s belongs to microk8s', (key, value) => {
    expect(issuesOfSpec({ ...FULL_K3S_SPEC, [key]: value })).toEqual([
      `${key}: unknown key; it belongs to distribution "microk8s"`,
    ]);
  });

  test('microk8s is told that datastore belongs to k3s', () => {
    expect(issuesOfSpec({ ...FULL_MICROK8S_SPEC, datastore: 'etcd' })).toEqual([
      'datastore: unknown key; it belongs to distribution "k3s"',
    ]);
  });

  test.each([
    [
      { leaseDuration: '20s', renewDeadline: '30s' },
      'renewDeadline: expected less than leaseDuration (20s), got "30s"',
    ],
    [
      { leaseDuration: '20s', renewDeadline: '20s' },
      'renewDeadline: expected less than leaseDuration (20s), got "20s"',
    ],
    [
      { leaseDuration: '20s', renewDeadline: '12s', retryPeriod: '10s' },
      'renewDeadline: expected more than 1.2 times retryPeriod (10s), got "12s"',
    ],
    [
      { leaseDuration: '4s', retryPeriod: '3s' },
      'renewDeadline: expected more than 1.2 times retryPeriod (3s), got "3s" (three quarters of leaseDuration)',
    ],
  ])('a lease that kube-scheduler refuses to start with: %j', (schedulerLease, message) => {
    expect(issuesOfSpec({ ...FULL_MICROK8S_SPEC, schedulerLease })).toEqual([`schedulerLease.${message}`]);
  });
});

describe.each([
  ['k3s', FULL_K3S_SPEC],
  ['microk8s', FULL_MICROK8S_SPEC],
])('every object of a %s description', (_, spec) => {
  const objects = [[], ...placesIn(spec)].filter((place) => {
    const value = at(spec, place);
    const holdsOwnKeys =
      !['nodes', 'pods', 'labels', 'ruleLabels', 'alertmanagerConfigLabels'].includes(place.at(-1) ?? '') &&
      !Array.isArray(value);
    return typeof value === 'object' && holdsOwnKeys;
  });

  test('was found', () => {
    expect(objects.length).toBeGreaterThan(20);
  });

  test.each(objects.map((place) => [place.join('.'), place] as const))("refuses an unknown key in '%s'", (_, place) => {
    const [issue, ...others] = issuesOfSpec(set(spec, [...place, 'nonsense'], 1));

    expect(issue).toMatch(/^\S*\bnonsense: unknown key; known are \w+/);
    expect(others).toEqual([]);
  });
});

test('Slack takes no token', () => {
  const notify = { kind: 'slack', tokenFile: '/etc/selfheal/token' };

  expect(issuesOfSpec(set(FULL_K3S_SPEC, 'reachability.notify', notify))).toEqual([
    'reachability.notify.tokenFile: unknown key; it belongs to kind "ntfy" and kind "webhook"',
  ]);
});

test.each(['/etc/$(id)', '/etc/a;b', 'apiVersion: v1\nusers:\n- user: {token: abc}'])(
  'a kubeconfig is a plain path, and %j is not shown',
  (kubeconfig) => {
    expect(issuesOfSpec({ ...MINIMAL_SPEC, hosts: [{ nodes: ['lamp'], checks: { nrpe: { kubeconfig } } }] })).toEqual([
      `hosts[0].checks.nrpe.kubeconfig: expected the absolute path of a file, e.g. "/etc/selfheal/webhook.url", got a text of ${kubeconfig.length} characters (not shown)`,
    ]);
  },
);
