import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { POD_SCRIPTS } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const script = (lines: string): readonly string[] => [
  'sh',
  '-c',
  `set -eu\n. ${join(POD_SCRIPTS, 'finish.sh')}\n${lines}`,
];
const run = (lines: string, input = '') => {
  const { status, stdout, stderr } = spawnSync('busybox', script(lines), {
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH, LOCAL_PATH_BACKUP_TERMINATION_LOG: '/nowhere' },
  });
  return { status, stdout, stderr };
};

describeWith(['busybox'], 'finish.sh', () => {
  test('never ends well by accident', () => {
    expect(run('start 5; false; printf unreachable')).toEqual({
      status: 4,
      stdout: '',
      stderr: 'local-path-backup: failed: ended at an unexpected place (status 1)\n',
    });
    expect(run('start 5; exit 0').status).toBe(4);
    expect(run('start 5; : "$UNSET_NAME"').status).not.toBe(0);
  });

  test('puts back what was changed once, however it ends', () => {
    const changed = 'at_end() { printf "back, status %s\\n" "$RESULT"; }; start 5;';

    expect(run(`${changed} finish 0 'all done'`)).toEqual({
      status: 0,
      stdout: 'back, status 0\nlocal-path-backup: all done\n',
      stderr: '',
    });
    expect(run(`${changed} false`).stdout).toBe('back, status 4\n');
    expect(run(`${changed} kill -TERM $$; bounded 5 sleep 4`).stdout).toBe('back, status 4\n');
  });

  test('tells its result even when what it puts back fails', () => {
    const { status, stdout } = run("at_end() { false; cat /nowhere; }; start 5; finish 0 'all done'");

    expect(status).toBe(0);
    expect(stdout).toBe('local-path-backup: all done\n');
  });

  test('lets what it puts back raise the status', () => {
    const { status, stderr } = run('at_end() { RESULT=6; MESSAGE="$MESSAGE, but"; }; start 5; finish 0 \'all done\'');

    expect(status).toBe(6);
    expect(stderr).toBe('local-path-backup: all done, but\n');
  });

  test('has a command that does not listen killed 10 s after its time', () => {
    expect(run('timeout() { printf "%s " "$@"; }; bounded 7 true').stdout).toBe('-k 10 7 true ');
  });

  test('stops a command at its time', () => {
    const began = performance.now();
    const { stdout } = run('bounded 1 sleep 20 || printf "%s" "$?"; was_stopped 143 && printf " stopped"');

    expect(stdout).toBe('143 stopped');
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([
    ['true', '0'],
    ['sh -c "exit 7"', '7'],
    ['cat', 'input0'],
  ])('gives back the status of %s, and its standard input to it', (command, printed) => {
    expect(run(`status=0; bounded 5 ${command} || status=$?; printf "%s" "$status"`, 'input').stdout).toBe(printed);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends the command that runs when it is stopped by %s',
    async (signal) => {
      const child = spawn('busybox', script("start 60; bounded 50 sh -c 'echo $$; exec sleep 50'"), {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const pid = await new Promise<number>((resolve) => child.stdout.once('data', (data) => resolve(Number(data))));
      const began = performance.now();

      child.kill(signal);
      const status = await new Promise((resolve) => child.on('exit', resolve));

      expect(status).toBe(4);
      expect(performance.now() - began).toBeLessThan(5_000);
      await gone(pid);
    },
  );

  test('says at least one second where no time is left', () => {
    expect(run('start 1; DEADLINE=0; seconds_left; printf " "; seconds_left 5').stdout).toMatch(/^1 1/);
    expect(run('start 100; seconds_left 5').stdout).toMatch(/^5/);
  });
});

async function gone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      process.kill(pid, 0);
    } catch {
      return; // no such process
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`process ${pid}: expected to be ended within 2 s, got alive`);
}
