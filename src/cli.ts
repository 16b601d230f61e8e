#!/usr/bin/env node
/** The process boundary: arguments in, exit status out. The only file that touches `process`. */
import { existsSync } from 'node:fs';
import type { Io } from './commands/command.js';
import { COMMANDS } from './commands/index.js';
import { OperatorError } from './errors.js';

const USAGE = `Usage: selfheal VERB [flags]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join('\n')}

selfheal VERB --help says more. Exit status: 0 clean, 1 findings, 2 wrong input, usage or failure.`;

const io: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  exists: existsSync,
};

process.exitCode = await main(process.argv.slice(2));

async function main([verb, ...rest]: readonly string[]): Promise<number> {
  if (verb === '--help' || verb === '-h' || verb === 'help') {
    io.out(USAGE);
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command === undefined) {
    io.err(
      verb === undefined
        ? USAGE
        : `selfheal: expected a verb (${COMMANDS.map(({ name }) => name).join(', ')}), got ${JSON.stringify(verb)}`,
    );
    return 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(command.help);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof OperatorError) {
      io.err(`selfheal ${command.name}: ${error.message}`);
      for (const hint of error.hints) io.err(`  ${hint}`);
    } else if (isUsageError(error)) {
      io.err(`selfheal ${command.name}: ${error.message}`);
    } else {
      io.err(error instanceof Error && error.stack !== undefined ? error.stack : String(error));
    }
    return 2;
  }
}

function isUsageError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
