/**
 * `npm test`: the bundle, then every suite that takes seconds; types, format and lint are checked meanwhile.
 *
 * The compiler keeps one core busy, and the suites often wait. What the check says comes last, where it is seen.
 * Arguments go to vitest. Exit status: 0 all is well, 1 something is not.
 */
import { spawn } from 'node:child_process';

/** What it printed, where that was not let through, and whether it went well. */
function run(command, args, stdout) {
  const child = spawn(command, args, { stdio: ['inherit', stdout, stdout] });
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => parts.push(part));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}\n` }));
    child.once('close', (status) => resolve({ ok: status === 0, output: Buffer.concat(parts).toString('utf8') }));
  });
}

const bundle = await run(process.execPath, ['tools/bundle.mjs'], 'inherit');
if (!bundle.ok) process.exit(1);
const checking = run('npm', ['run', '-s', 'check'], 'pipe');
const tests = await run('npx', ['vitest', 'run', ...process.argv.slice(2)], 'inherit');
const check = await checking;
process.stdout.write(`\nnpm run check: ${check.ok ? 'nothing to say' : 'failed'}\n${check.ok ? '' : check.output}`);
process.exitCode = tests.ok && check.ok ? 0 : 1;
