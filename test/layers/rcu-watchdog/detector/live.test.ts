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
});
