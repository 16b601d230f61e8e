import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/tools.js';
import { BOOT, EARLIER_BOOT, stalls, watchdogHost } from '../../support/watchdog.js';

const TOOLS = ['bash', 'flock', 'setsid', 'awk'];
const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once('exit', resolve);
    else resolve(child.exitCode);
  });

/** The processes below one, by what they run. */
function children(of: number): readonly { readonly pid: number; readonly runs: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        const runs = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')[0] ?? '';
        return Number(parent) === of ? [{ pid: Number(name), runs }] : [];
      } catch {
        return []; // it has ended in the meantime
      }
    });
}
/** It may have ended by itself. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
const childThatRuns = (parent: ChildProcess, what: RegExp): number => {
  const child = children(parent.pid ?? 0).find(({ runs }) => what.test(runs));
  if (!child) throw new Error(`watchdog: expected a child that runs ${what}, found none`);
  return child.pid;
};

describeWith(TOOLS, 'the service', () => {
  test('asks for a reboot at the line that crosses, not before and not at a tick', async () => {
    const node = watchdogHost();
    node.start({ RCU_WATCHDOG_TICK_SECONDS: '60' });
    await node.untilItWatches();
    node.log(stalls(9, node.uptime));
    await sleep(300);
    expect(node.requests).toEqual([]);

    node.log(stalls(1, node.uptime));

    await node.until('a request', () => node.requests.length > 0, 5);
    expect(node.requests).toEqual(['systemctl reboot']);
    expect(node.ledger).toMatch(new RegExp(`^1 1 ${BOOT} ${BOOT} \\d+\\nboot ${BOOT} open\\n$`));
    expect(node.status().status).toBe(3);
  });

  test('does not wait for the tick where a cut-off header is the one that crosses', async () => {
    const node = watchdogHost();
    node.start({ RCU_WATCHDOG_TICK_SECONDS: '60' });
    await node.untilItWatches();
    node.log(stalls(9, node.uptime));

    node.log(stalls(1, node.uptime).replace(/ on CPUs.*/, ' on CPUs/tasks: {'));

    await node.until('a request', () => node.requests.length > 0, 7);
  });

  test('acts on what stood in the log before it was started', async () => {
    const node = watchdogHost();
    node.log(stalls(10, node.uptime - 1));

    node.start();

    await node.until('a request', () => node.requests.length > 0);
  });

  test('asks once in a boot, however long the stalls go on and however often it is started', async () => {
    const node = watchdogHost();
    const first = node.start();
    await node.untilItWatches();
    node.log(stalls(20, node.uptime));
    await node.until('a request', () => node.requests.length > 0);
    first.kill('SIGKILL');
    await ended(first);
    node.host.write('state/ledger', '0 0 - - 0\n'); // as if it had not reached the disk

    node.start();
    await sleep(1500);
    node.log(stalls(20, node.uptime));
    await sleep(1500);

    expect(node.requests).toEqual(['systemctl reboot']);
  });

  test('goes on with a reboot that does not come, also when it was started again in between', async () => {
    const node = watchdogHost();
    const first = node.start();
    await node.untilItWatches();
    node.log(stalls(10, node.uptime));
    await node.until('a request', () => node.requests.length > 0);
    first.kill('SIGKILL');
    await ended(first);

    node.start({ RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '1', RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: '1' });

    await node.until(
      'a reset',
      () => node.host.has('proc/sysrq-trigger') && node.host.read('proc/sysrq-trigger') === 'sub',
    );
    expect(node.requests).toEqual(['systemctl reboot', 'systemctl reboot --force']);
  });

  test('ends with 2 beside another one, which goes on', async () => {
    const node = watchdogHost();
    const first = node.start();
    await node.untilItWatches();

    expect(await ended(node.start())).toBe(2);
    expect(first.exitCode).toBeNull();
    expect(node.said).toContain('expected to be alone');
  });

  test('ends with 2 without its detector', async () => {
    const node = watchdogHost();
    rmSync(node.host.path('lib/main.awk'));

    expect(await ended(node.start())).toBe(2);
  });

  test('an orderly end closes the boot and says so in the metrics', async () => {
    const node = watchdogHost();
    const service = node.start();
    await node.untilItWatches();
    expect(node.ledger).toBe(`0 0 - - 0\nboot ${BOOT} open\n`);
    await node.until('metrics', () => node.metrics.includes('selfheal_watchdog_up 1'));

    service.kill('SIGTERM');

    expect(await ended(service)).toBe(0);
    expect(node.ledger).toBe(`0 0 - - 0\nboot ${BOOT} closed\n`);
    expect(node.metrics).toContain('selfheal_watchdog_up 0\n');
    expect(node.status().status).toBe(2);
  });

  test('a shutdown that it asked for leaves the boot open', async () => {
    const node = watchdogHost();
    const service = node.start();
    await node.untilItWatches();
    node.log(stalls(10, node.uptime));
    await node.until('a request', () => node.requests.length > 0);

    service.kill('SIGTERM');

    expect(await ended(service)).toBe(0);
    expect(node.ledger).toContain(`boot ${BOOT} open`);
  });
});

describeWith(TOOLS, 'what dies or hangs beside the service', () => {
  test.each([
    ['the detector', /awk$/],
    ['the reader', /sh$/],
  ])('%s is started again, and no stall counts twice or is forgotten', async (_, what) => {
    const node = watchdogHost();
    const service = node.start();
    await node.untilItWatches();
    node.log(stalls(6, node.uptime));
    await node.until('six stalls', () => node.state.includes('state counts 6 6 '));

    process.kill(childThatRuns(service, what), 'SIGKILL');
    await node.until('a repair', () => node.said.includes('starting both again'));
    node.log(stalls(3, node.uptime));

    await node.until('nine stalls', () => node.state.includes('state counts 9 9 '));
    expect(node.requests).toEqual([]);
    node.log(stalls(1, node.uptime));
    await node.until('a request', () => node.requests.length > 0);
  });

  test('a detector that no longer answers is noticed and replaced', async () => {
    const node = watchdogHost();
    const service = node.start();
    await node.untilItWatches();
    // A busy machine may not note the boot at the first try, and then both begin anew.
    const isNoted = () => !node.said.includes('only reporting') || node.said.includes('starting both again');
    await node.until('its boot noted', isNoted, 60);
    await node.untilItWatches();
    const stopped = childThatRuns(service, /awk$/);

    process.kill(stopped, 'SIGSTOP');

    await node.until('a repair', () => node.said.includes('did not answer three ticks'), 12);
    node.log(stalls(10, node.uptime));
    await node.until('a request', () => node.requests.length > 0);
    expect(childThatRuns(service, /awk$/)).not.toBe(stopped);
  });

  test('killed at any moment, it counts each stall once', async () => {
    const node = watchdogHost();
    let service = node.start({
      RCU_WATCHDOG_BURST_STALLS: '500',
      RCU_WATCHDOG_SUSTAINED_STALLS: '500',
      RCU_WATCHDOG_CHRONIC_STALLS: '0',
    });
    let written = 0;
    for (let round = 0; round < 12; round++) {
      node.log(stalls(5, node.uptime));
      written += 5;
      await sleep(Math.random() * 1600);
      const [victim] = [...children(service.pid ?? 0)].sort(() => Math.random() - 0.5);
      if (round % 2 === 0 || !victim) {
        service.kill('SIGKILL');
        await ended(service);
        service = node.start({
          RCU_WATCHDOG_BURST_STALLS: '500',
          RCU_WATCHDOG_SUSTAINED_STALLS: '500',
          RCU_WATCHDOG_CHRONIC_STALLS: '0',
        });
      } else {
        kill(victim.pid);
      }
    }

    await node.until('all stalls', () => node.state.includes(`state counts ${written} ${written} `), 15);
    await sleep(1500);
    expect(node.state).toContain(`state counts ${written} ${written} `);
    expect(node.state).toMatch(new RegExp(`^state window burst ${written} `, 'm'));
  });

  test('a kernel log that is not there is no reason to end, but up is 0', async () => {
    const node = watchdogHost();
    rmSync(node.host.path('kmsg'));
    const service = node.start();

    await node.until('up 0', () => node.metrics.includes('selfheal_watchdog_up 0'));

    expect(service.exitCode).toBeNull();
    expect(node.status().status).toBe(2);
  });

  test('a disk that hangs after the start does not keep it from acting, and the next boot counts it', async () => {
    const node = watchdogHost({ sync: '[[ ! -e $HOME/hang ]] || exec /bin/sleep 30' });
    const service = node.start();
    await node.untilItWatches();
    node.host.write('hang', '');
    const before = performance.now();

    node.log(stalls(10, node.uptime));

    await node.until('a request', () => node.requests.length > 0);
    expect(performance.now() - before).toBeLessThan(5000);
    service.kill('SIGKILL');
    await ended(service);
    expect(node.ledger).toBe(`0 0 - - 0\nboot ${BOOT} open\n`);
    rmSync(node.host.path('hang'));
    node.host.write('kmsg', '');
    node.host.write('proc/sys/kernel/random/boot_id', `${EARLIER_BOOT}\n`);
    node.start();
    // A write that was left behind may have come through at last; a boot is counted once all the same.
    await node.until(
      'the next boot',
      () => /^1 [01] .*\nboot (.*) open\n$/.exec(node.ledger ?? '')?.[1] === EARLIER_BOOT,
    );
  });

  test('a detector that reads no more does not keep a reboot from being forced', async () => {
    const node = watchdogHost();
    const service = node.start({
      RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '4',
      RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: '1',
    });
    await node.untilItWatches();
    node.log(stalls(10, node.uptime));
    await node.until('a request', () => node.requests.length > 0);

    process.kill(childThatRuns(service, /awk/), 'SIGSTOP');
    node.log(stalls(1500, node.uptime));

    await node.until('a forced reboot', () => node.requests.length > 1, 12);
    expect(node.requests).toEqual(['systemctl reboot', 'systemctl reboot --force']);
  });

  test('a disk that hangs from the start keeps it from acting, and status says why', async () => {
    const node = watchdogHost({ sync: 'exec /bin/sleep 30' });
    node.start();
    await node.untilItWatches();

    node.log(stalls(10, node.uptime));

    await node.until('the reason', () => node.said.includes('held: the ledger'));
    await node.until('a report of it', () => node.status().text.includes('held'));
    const { status, text } = node.status();
    expect(status).toBe(3);
    expect(text).toContain('could not be written');
    expect(node.requests).toEqual([]);
  });

  test('metrics whose folder hangs stop nothing', async () => {
    const node = watchdogHost({ mv: '[[ $* != *prom* ]] || exec /bin/sleep 30; exec /bin/mv "$@"' });
    node.start();
    await node.untilItWatches();
    await sleep(1500);

    node.log(stalls(10, node.uptime));

    await node.until('a request', () => node.requests.length > 0, 5);
  });
});
