import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = new URL('../../../src/layers/rcu-watchdog/scripts/answer.sh', import.meta.url).pathname;
const STAT = `77 (selfheal (x) y) S ${Array.from({ length: 18 }, (_, at) => at).join(' ')} 4242 1 2 3\n`;

/** What a node says whose watchdog left this line; process 77 began at 4242. */
function answer(line: string | null) {
  const folder = mkdtempSync(join(tmpdir(), 'answer-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '77'));
  writeFileSync(join(folder, '77/stat'), STAT);
  writeFileSync(join(folder, 'uptime'), '5000.25 1.00\n');
  if (line !== null) writeFileSync(join(folder, 'peer'), line);
  const { stdout, stderr, status } = spawnSync('sh', [SCRIPT], {
    env: { PATH: process.env.PATH ?? '', SELFHEAL_PEER_FILE: join(folder, 'peer'), SELFHEAL_PROC: folder },
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
}

test.each([
  ['of the watchdog that runs is told as it is', 'jarvis wants 4990.00 77 4242 .\n', 'jarvis wants 4990.00 5000.25'],
  ['that a dead watchdog left says stopped', 'jarvis watching 4990.00 78 4242 .\n', 'jarvis stopped 4990.00 5000.25'],
  [
    'of another process of the same number says stopped',
    'jarvis wants 4990.00 77 4241 .\n',
    'jarvis stopped 4990.00 5000.25',
  ],
  ['that it reboots outlives the watchdog', 'jarvis rebooting 4990.00 78 1 .\n', 'jarvis rebooting 4990.00 5000.25'],
  ['without an end is not believed', 'jarvis watching 4990.00 77 42', '- unknown 0.00 5000.25'],
  ['that is empty is not believed', '', '- unknown 0.00 5000.25'],
])('a line %s', (_, line, expected) => {
  expect(answer(line)).toBe(`selfheal-peer ${expected}\n`);
});

test('a node whose watchdog never ran in this boot says stopped', () => {
  expect(answer(null)).toBe('selfheal-peer - stopped 0.00 5000.25\n');
});
