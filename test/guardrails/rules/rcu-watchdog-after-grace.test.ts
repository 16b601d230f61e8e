import { describe, expect, test } from 'vitest';
import { rcuWatchdogAfterGrace } from '../../../src/guardrails/rules/rcu-watchdog-after-grace.js';
import { minimal } from '../../support/clusters.js';
import { configMap, daemonSet, foundIn, pod } from '../examples.js';

const cluster = (startupGrace: `${number}min` = '20min') =>
  minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog: { startupGrace } }] });

const installing = (data: Readonly<Record<string, string>>) => [
  daemonSet(pod({ volumes: [{ name: 'p', configMap: { name: 'lamp' } }] }), {}, 'lamp-node-bootstrap'),
  configMap(data, 'lamp'),
];

const PATTERN = "pattern='detected expedited stalls'";
const GOOD = `#!/bin/bash\n${PATTERN}\nfrom=$((UPTIME - 120 > GRACE ? UPTIME - 120 : GRACE))\ndmesg | grep -c "$pattern"\n`;
const AWK = '/detected (expedited )?stalls/ { enter($1) }\n';
const FLOOR_IN_AWK = 'function enter(at) {\n  if (at < grace_seconds && grace_clips) return\n  add(at)\n}\n';

describe('rcu-watchdog-after-grace', () => {
  test('refuses the script that looked back by the clock into the boot storm', () => {
    const script = `#!/bin/bash\n${PATTERN}\njournalctl -k --since "15 minutes ago" | grep -c "$pattern"\n`;

    expect(foundIn(rcuWatchdogAfterGrace, installing({ 'watchdog.sh': script }), cluster())).toEqual([
      "ConfigMap tools/lamp, key 'watchdog.sh': expected windows that begin after the grace, got no such line",
      expect.stringContaining('expected windows in seconds since boot, got "journalctl -k --since'),
    ]);
  });

  test('refuses a grace that is shorter than the boot storm, in the description and in the settings', () => {
    const objects = installing({ 'watchdog.sh': GOOD, 'rcu.env': 'RCU_WATCHDOG_GRACE_SECONDS=60\n' });

    expect(foundIn(rcuWatchdogAfterGrace, objects, cluster('2min'))).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog.startupGrace: expected a grace of at least 150 seconds (the boot storm), got 120",
      "ConfigMap tools/lamp, key 'rcu.env': expected a grace of at least 150 seconds (the boot storm), got 60",
    ]);
  });

  test('refuses a description whose watchdog does not reach the hosts', () => {
    const other = configMap({ 'watchdog.sh': GOOD }, 'not-mounted');

    expect(foundIn(rcuWatchdogAfterGrace, [other], cluster())).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog: expected a program on the hosts that counts stalls, got none",
    ]);
  });

  test('refuses a detector in awk that lets in what is older than the grace', () => {
    const objects = installing({ 'records.awk': AWK, 'paths.awk': 'function enter(at) {\n  add(at)\n}\n' });

    expect(foundIn(rcuWatchdogAfterGrace, objects, cluster())).toEqual([
      'ConfigMap tools/lamp, awk: expected windows that begin after the grace, got no such line',
    ]);
  });

  test('refuses a detector that is told to reach back', () => {
    const reader = '#!/bin/bash\nawk -f main.awk -v grace_clips=0\n';
    const objects = installing({ 'records.awk': AWK, 'paths.awk': FLOOR_IN_AWK, 'reader.sh': reader });

    expect(foundIn(rcuWatchdogAfterGrace, objects, cluster())).toEqual([
      "ConfigMap tools/lamp, key 'reader.sh': expected grace_clips=1, got 0, by which windows reach back into the grace",
    ]);
  });

  test('accepts windows that begin at the end of the grace, in shell and in awk', () => {
    const awk = installing({ 'records.awk': AWK, 'paths.awk': FLOOR_IN_AWK });

    expect(foundIn(rcuWatchdogAfterGrace, installing({ 'watchdog.sh': GOOD }), cluster('3min'))).toEqual([]);
    expect(foundIn(rcuWatchdogAfterGrace, awk, cluster('3min'))).toEqual([]);
  });

  test('asks nothing of a cluster without a watchdog', () => {
    expect(foundIn(rcuWatchdogAfterGrace, [])).toEqual([]);
  });
});
