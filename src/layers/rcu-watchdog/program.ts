/** The files of the watchdog's program, below scripts/. */

/** On a host without its `.sh`. */
export const PROGRAM = 'selfheal-watchdog.sh';

/** What the program sources, and answer.sh, which systemd runs when another node asks. */
export const PROGRAM_PARTS = [
  'act.sh',
  'answer.sh',
  'ask.sh',
  'bounds.sh',
  'calibration.sh',
  'check.sh',
  'evidence.sh',
  'ledger.sh',
  'loop.sh',
  'memory.sh',
  'metrics.sh',
  'peers.sh',
  'reach.sh',
  'reader.sh',
  'report.sh',
  'settings.sh',
  'window.sh',
] as const;

/** What decides, in POSIX awk; `selfheal replay` runs the same. */
export const DETECTOR_PARTS = [
  'black-hole.awk',
  'budget.awk',
  'main.awk',
  'paths.awk',
  'records.awk',
  'stalls.awk',
  'state.awk',
] as const;
