/** The process boundary: arguments in, exit status out. */
import { run, terminal } from './commands/run.js';

// `selfheal synth --check | head` closes the pipe early; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Not awaited at the top: the bundle is a CommonJS script, which can be compiled ahead of time.
void run(process.argv.slice(2), terminal).then((status) => {
  process.exitCode = status;
});
