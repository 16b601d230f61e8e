import { expect, test } from 'vitest';
import { proberEnvironment, proberFiles } from '../../../src/layers/reachability/prober-files.js';
import { readScript } from '../../../src/layers/script.js';
import { homelab } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';

const files = () => {
  const cluster = homelab();
  if (!cluster.reachability) throw new Error('expected a cluster with reachability');
  return { reachability: cluster.reachability, files: proberFiles(cluster, cluster.reachability) };
};

test('a host gets the script, its units and its settings', () => {
  expect(Object.keys(files().files)).toEqual([
    'reachability-prober.sh',
    'reachability-prober.service',
    'reachability-prober.timer',
    'reachability-prober.env',
  ]);
});

test('the settings name each node, by its address', () => {
  const settings = files().files['reachability-prober.env'];

  expect(settings).toContain('REACHABILITY_TARGETS=jarvis/10.0.1.10/22+10250,ultron/10.0.1.11/22+10250\n');
  expect(settings).toContain('REACHABILITY_TOLERATE_SECONDS=120\n');
});

test('the header of the script names exactly its settings', () => {
  const named = headerVariables(readScript('reachability', 'reachability-prober.sh'));

  expect([...named].sort()).toEqual(Object.keys(proberEnvironment(files().reachability)).sort());
});

test('the service starts what is copied to the host, with its settings', () => {
  const service = files().files['reachability-prober.service'];

  expect(service).toContain('ExecStart=/usr/local/bin/reachability-prober.sh\n');
  expect(service).toContain('EnvironmentFile=/etc/selfheal/reachability-prober.env\n');
});
