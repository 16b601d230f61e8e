import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rcuWatchdogEnvironment } from '../../../src/layers/rcu-watchdog/host-state.js';
import { rcuWatchdog } from '../../../src/layers/rcu-watchdog/index.js';
import { readScript } from '../../../src/layers/script.js';
import { homelab, minimal } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

const stateOf = (cluster: ReturnType<typeof minimal>) => {
  const [group] = cluster.hosts;
  if (!group || !rcuWatchdog.hostState) throw new Error('expected a group of hosts');
  return rcuWatchdog.hostState(cluster, group);
};
const lamp = (watchdog: object) => minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog: watchdog }] });
const contentOf = (cluster: ReturnType<typeof minimal>, path: string) =>
  stateOf(cluster).files.find((file) => file.path === path)?.content;
const TIMES = '/etc/systemd/system/rcu-stall-watchdog.timer.d/times.conf';

test('adds nothing to a host that does not ask for it', () => {
  const state = stateOf(minimal({ hosts: [{ nodes: ['lamp'] }] }));

  expect(state).toEqual({ files: [], units: [], kernelArguments: [], flags: [], parameters: [] });
});

test('puts programs, settings, service and timer where the owner knows them', () => {
  const state = stateOf(homelab());

  expect(state.files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    '0755 /usr/local/bin/rcu-stall-reboot.sh',
    '0755 /usr/local/bin/rcu-stall-watchdog.sh',
    '0644 /etc/selfheal/rcu-watchdog.env',
    '0644 /etc/systemd/system/rcu-stall-watchdog.service',
    '0644 /etc/systemd/system/rcu-stall-watchdog.timer',
  ]);
  expect(state.units).toEqual(['rcu-stall-watchdog.timer']);
});

test('the defaults of a spec are the times in the timer file, so that no drop-in is made', () => {
  expect(contentOf(lamp({}), TIMES)).toBeUndefined();
});

test('the timer file has the times of v3', () => {
  const lines = readScript('rcu-watchdog', 'rcu-stall-watchdog.timer').split('\n');

  expect(lines).toEqual(expect.arrayContaining(['OnBootSec=20min', 'OnUnitActiveSec=2min', 'AccuracySec=10s']));
});

test('other times become a drop-in that forgets those of the file', () => {
  expect(contentOf(lamp({ startupGrace: '30min', checkEvery: '30s' }), TIMES)).toBe(
    '[Timer]\nOnBootSec=\nOnBootSec=30min\nOnUnitActiveSec=30s\n',
  );
  expect(contentOf(lamp({ checkEvery: '30s' }), TIMES)).toContain('OnBootSec=20min\n');
});

test('the settings of a host say what the spec says', () => {
  const settings = contentOf(
    lamp({ burst: { stalls: 7, within: '3min' }, maxRebootsInARow: 2, healthyAfter: '1h' }),
    '/etc/selfheal/rcu-watchdog.env',
  );

  expect(settings).toContain('RCU_WATCHDOG_BURST_STALLS=7\nRCU_WATCHDOG_BURST_SECONDS=180\n');
  expect(settings).toContain('RCU_WATCHDOG_MAX_REBOOTS=2\nRCU_WATCHDOG_HEALTHY_SECONDS=3600\n');
});

test('the headers of the programs name exactly the settings that a host gets', () => {
  const named = ['rcu-stall-watchdog.sh', 'rcu-stall-reboot.sh'].flatMap((name) =>
    headerVariables(readScript('rcu-watchdog', name)),
  );
  const [watchdog] = lamp({}).hosts.map((group) => group.rcuWatchdog);

  expect([...new Set(named)].sort()).toEqual(Object.keys(watchdog ? rcuWatchdogEnvironment(watchdog) : {}).sort());
});

test('the defaults in the headers are those of a spec', () => {
  const [watchdog] = lamp({}).hosts.map((group) => group.rcuWatchdog);
  const header = `${readScript('rcu-watchdog', 'rcu-stall-watchdog.sh')}${readScript('rcu-watchdog', 'rcu-stall-reboot.sh')}`;

  for (const [name, value] of Object.entries(watchdog ? rcuWatchdogEnvironment(watchdog) : {})) {
    expect(header).toMatch(new RegExp(`^#   ${name} .*\\(default ${value}\\)$`, 'm'));
  }
});

describeWith(['systemd-analyze'], 'the units', () => {
  test('pass systemd-analyze verify, with and without a drop-in', () => {
    const root = mkdtempSync(join(tmpdir(), 'units-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const { path, mode, content } of stateOf(lamp({ checkEvery: '30s' })).files) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
      chmodSync(join(root, path), Number.parseInt(mode, 8));
    }
    // The root holds what is to be verified and nothing else; these stand for what every host has.
    for (const name of ['sysinit', 'basic', 'shutdown', 'timers']) {
      writeFileSync(join(root, `etc/systemd/system/${name}.target`), `[Unit]\nDescription=${name}\n`);
    }

    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', `--root=${root}`, 'rcu-stall-watchdog.service', 'rcu-stall-watchdog.timer'],
      { encoding: 'utf8' },
    );

    expect(stderr.split('\n').filter((message) => message.includes('rcu-stall'))).toEqual([]);
    expect(status).toBe(0);
  });
});
