/** The checks brought to a host and taken away again by the real host program. */
import { expect, test } from 'vitest';
import { checks } from '../../../src/layers/checks/index.js';
import { pvek8s } from '../../support/clusters.js';
import { FakeHost } from '../node-bootstrap/fake-host.js';

test('come with modes that let NRPE run them, and go without a trace when they are described no more', () => {
  const cluster = pvek8s();
  const [group] = cluster.hosts;
  if (!group || !checks.hostState) throw new Error('expected a group of hosts');
  const state = checks.hostState(cluster, group);
  const paths = state.files.map(({ path }) => path);
  const host = new FakeHost();
  const timer = () => host.exists('/run/units/selfheal-checks.timer.active');

  host.stage(state);
  const { status, stdout } = host.run();

  expect(stdout).not.toMatch(/^(refused|cannot-tell)/m);
  expect(status).toBe(3);
  expect(timer()).toBe(true);
  expect(paths.filter((path) => !/^0(755|644)$/.test(host.mode(path)))).toEqual([]);
  expect(host.mode('/usr/local/lib/selfheal/checks')).toBe('0755');

  // What NRPE may read once somebody has run make-kubeconfig.sh is not of node-bootstrap.
  host.write('/etc/selfheal/checks.kubeconfig', 'a token\n', 0o640);
  host.stage({});
  host.run();

  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => host.exists(path))).toEqual([]);
  expect(host.exists('/etc/nagios') || host.exists('/usr/local/lib/selfheal')).toBe(false);
  expect(host.read('/etc/selfheal/checks.kubeconfig')).toBe('a token\n');
  expect(timer()).toBe(false);
});
