/** One command line from its words to its exit status; the only place where an error becomes text. */
import { existsSync } from 'node:fs';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Io } from './command.js';
import { VERBS } from './index.js';

const NAMES = VERBS.map(({ name }) => name);

const USAGE = `Usage: selfheal VERB [flags]

${VERBS.map(({ name, summary }) => `  ${name.padEnd(Math.max(...NAMES.map(({ length }) => length)))} ${summary}`).join('\n')}

selfheal VERB --help says more. Exit status: 0 clean, 1 findings, 2 wrong input, usage or failure.`;

/** Where no process is known, a signal ends it as ever. */
export const terminal: Io = {
  out: console.log,
  err: console.error,
  exists: existsSync,
  monotonic: () => 0,
  environment: {},
  takeSignals: () => () => undefined,
};

/** Runs `selfheal <argv>`. */
export async function run([verb, ...rest]: readonly string[], io: Io): Promise<0 | 1 | 2> {
  if (verb === '--help' || verb === '-h' || verb === 'help') {
    io.out(USAGE);
    return 0;
  }
  const found = VERBS.find(({ name }) => name === verb);
  if (found === undefined) {
    io.err(
      verb === undefined
        ? USAGE
        : `selfheal: expected a verb (${NAMES.join(', ')}), got ${show(verb)}${didYouMean(verb, NAMES)}`,
    );
    return 2;
  }
  try {
    const command = await found.load();
    if (rest.includes('--help') || rest.includes('-h')) {
      io.out(command.help);
      return 0;
    }
    return await command.run(rest, io);
  } catch (error) {
    for (const line of explain(error)) io.err(line);
    return 2;
  }

  function explain(error: unknown): readonly string[] {
    if (error instanceof OperatorError) {
      return [`selfheal ${verb}: ${error.message}`, ...error.hints.map((hint) => `  ${hint}`)];
    }
    return [error instanceof Error && error.stack !== undefined ? error.stack : String(error)];
  }
}
