/** The process boundary of a roll from inside the cluster: what its pod runs. */
import type { Io } from './commands/command.js';
import { rollInCluster } from './commands/reboot-in-cluster.js';

/** As a shell says of what SIGTERM ended: the Job then makes another pod, which goes on. */
const TOLD_TO_GO = 143;

const toldToGo = new AbortController();

const io: Io = {
  out: console.log,
  err: console.error,
  exists: () => false,
  monotonic: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  environment: process.env,
  takeSignals: (take) => {
    const noted = (signal: NodeJS.Signals): void => {
      toldToGo.abort();
      take(signal);
    };
    process.on('SIGTERM', noted);
    return () => void process.off('SIGTERM', noted);
  },
};

void rollInCluster(process.argv.slice(2), io).then((status) => {
  process.exitCode = toldToGo.signal.aborted && status !== 0 ? TOLD_TO_GO : status;
});
