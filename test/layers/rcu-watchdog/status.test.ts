import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/tools.js';
import { BOOT, stalls, watchdogHost } from '../../support/watchdog.js';

describeWith(['bash', 'flock', 'setsid', 'awk'], 'what status tells', () => {
  test('where nothing has ever run: that, and 2', () => {
    const { status, text } = watchdogHost().status();

    expect(status).toBe(2);
    expect(text).toContain('does not run');
    expect(text).toMatch(/^now +nobody watches this node; see: systemctl status/m);
  });

  test('of a service that is well: its counts against its thresholds, the budget, and 0', async () => {
    const node = watchdogHost();
    node.start();
    await node.untilItWatches();
    node.log(stalls(3, node.uptime));
    await node.until('three stalls', () => node.state.includes('state counts 3 3 '));

    const { status, text } = node.status();

    expect(status).toBe(0);
    expect(text).toMatch(/^burst +3 of 10 stalls in 2 min$/m);
    expect(text).toMatch(/^budget +0 of 3 reboots in a row used/m);
    expect(text).toMatch(/^calibration +not known: .*rcu_cpu_stall_timeout/m);
    expect(text).toMatch(/^now +nothing to do$/m);
  });

  test('of a kernel that reports after 21 s alone: that fewer are enough', async () => {
    const node = watchdogHost();
    node.host.write('sys/module/rcupdate/parameters/rcu_cpu_stall_timeout', '21\n');
    node.host.write('sys/module/rcupdate/parameters/rcu_exp_cpu_stall_timeout', '0\n');
    node.host.write('boot/config-6.1.0', 'CONFIG_HZ=250\n');
    node.start();
    await node.untilItWatches();

    const { text } = node.status();

    expect(text).toMatch(/^burst +0 of 10 stalls in 2 min; expedited alone 0 of 3; normal alone 0 of 3$/m);
  });

  test('of one that died: what it saw last, and 2', async () => {
    const node = watchdogHost();
    const service = node.start();
    await node.untilItWatches();
    await node.until('a report', () => node.host.has('run/report'));
    service.kill('SIGKILL');
    await new Promise((resolve) => service.once('exit', resolve));

    const { status, text } = node.status();

    expect(status).toBe(2);
    expect(text).toContain('what follows is as of then');
    expect(text).toMatch(/^now +nobody watches this node/m);
    expect(text).not.toContain('nothing to do');
    expect(text).toMatch(/^burst +0 of 10/m);
  });

  test('of a spent budget: that it would reboot, why it does not, and 3', async () => {
    const node = watchdogHost();
    node.host.write('state/ledger', `3 3 - - 0\nboot ${BOOT} closed\n`);
    node.start({ RCU_WATCHDOG_HEALTHY_SECONDS: '99999999' });
    await node.untilItWatches();
    node.log(stalls(10, node.uptime));
    await node.until('a crossing', () => /^state holds burst /m.test(node.state));

    const { status, text } = node.status();

    expect(status).toBe(3);
    expect(text).toMatch(/^now +would reboot, but only reports: the budget is spent/m);
    expect(text).toMatch(/^last decision alert burst /m);
  });

  test('of peers that hold it: who, and 3', async () => {
    const node = watchdogHost();
    node.host.write('peers', 'this 127.0.0.1 agent watched\n'); // this node is not among them
    node.start({ HOSTNAME: 'stranger' });
    await node.untilItWatches();

    node.log(stalls(10, node.uptime));

    await node.until('a reason', () => node.said.includes('held: '));
    const { status, text } = node.status();
    expect({ status, requests: node.requests }).toEqual({ status: 3, requests: [] });
    expect(text).toMatch(/^now +would reboot, but is held \(burst\): peers /m);
  });

  test('writes nothing', () => {
    const node = watchdogHost();
    mkdirSync(node.host.path('run'));

    node.status();

    expect(node.host.has('run/lock')).toBe(false);
    expect(node.host.has('state')).toBe(false);
  });
});
