#!/usr/bin/env node
/** The process boundary: arguments in, exit status out. */
import { run, terminal } from './commands/run.js';

// `selfheal synth --check | head` closes the pipe early; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await run(process.argv.slice(2), terminal);
