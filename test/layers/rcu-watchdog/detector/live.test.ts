import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { commandLine, describeInEveryAwk, kernelLog, stalls } from './detector.js';

/** The detector on pipes that stay open, as on a host; mawk needs to be told not to wait for a full block. */
function running(awk: string) {
  const [command = '', ...args] = commandLine(awk);
  const child = spawn(command, awk === 'mawk' ? ['-W', 'interactive', ...args] : args);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    say: (...input: readonly string[]) => child.stdin.write(`${input.join('\n')}\n`),
    until: async (start: string) => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`output of ${awk}: expected a line that starts with '${start}', got its end`);
        if (value.startsWith(start)) return value;
      }
    },
  };
}

describeInEveryAwk('live', (awk) => {
  test('the crossing record is answered while the input stays open', async () => {
    const detector = running(awk);

    detector.say('!boot a', '!now 3599', ...stalls(kernelLog(), 10, 3600, 1));

    expect(await detector.until('decide ')).toBe(
      'decide reboot burst 10 3609.000 10 grace periods in 120s, expected fewer than 10',
    );
  });

  test('a whole block follows a decision, and each tick is answered', async () => {
    const detector = running(awk);

    detector.say('!boot a', '!now 3599');
    await detector.until('ok 3599');
    detector.say(...stalls(kernelLog(), 10, 3600, 1));
    await detector.until('decide ');

    expect(await detector.until('state holds')).toBe('state holds burst - -');
    expect(await detector.until('state end')).toBe('state end');
    detector.say('!now 3620.5');
    expect(await detector.until('ok ')).toBe('ok 3620.5');
  });

  test('a header that waits for its number asks for a tick soon, which settles it and decides', async () => {
    const detector = running(awk);
    const log = kernelLog();

    detector.say('!boot a', '!now 3599', ...stalls(log, 9, 3600, 0.1));
    detector.say(log.record(3601, 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'), log.record(3601, 'usb'));

    await detector.until('soon');
    // A tick that came too early asks again.
    detector.say('!now 3601.2');
    await detector.until('soon');
    detector.say('!now 3603.2');
    expect(await detector.until('decide ')).toMatch(/^decide reboot burst 10 3603/);
  });

  test('a header whose number comes in the same record asks for nothing', async () => {
    const detector = running(awk);

    detector.say('!boot a', '!now 3599', ...stalls(kernelLog(), 1, 3600, 1), '!now 3601');

    expect(await detector.until('')).toBe('state settings count=periods,sources=all,grace=1200,clips=1');
  });

  test('history that is read after the first tick is no crossing of now', async () => {
    const detector = running(awk);

    detector.say('!boot a', '!now 9000', ...stalls(kernelLog(), 10, 3600, 1), '!now 9010');

    const seen: string[] = [];
    for (let line = ''; line !== 'ok 9010'; seen.push(line)) line = await detector.until('');
    expect(seen.filter((line) => line.startsWith('decide '))).toEqual([]);
    expect(seen).toContain('state window burst 0 10 120 0 10 0 10');
  });
});
