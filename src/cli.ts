/** The process boundary: arguments in, exit status out. */
import type { Io } from './commands/command.js';
import { run, terminal } from './commands/run.js';
import { statusLine } from './commands/status-line.js';

// `selfheal synth --check | head` closes the pipe early; that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const io: Io = {
  ...terminal,
  // https://no-color.org
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  ...(process.stderr.isTTY === true && {
    status: (text: string) => void process.stderr.write(statusLine(text, process.stderr.columns)),
  }),
  environment: process.env,
  takeSignals: (take) => {
    for (const signal of SIGNALS) process.on(signal, take);
    return () => {
      for (const signal of SIGNALS) process.off(signal, take);
    };
  },
};

// Not awaited at the top: the bundle is a CommonJS script, which can be compiled ahead of time.
void run(process.argv.slice(2), io).then((status) => {
  process.exitCode = status;
});
