/** Every verb. */
import { backupServer } from './backup-server.js';
import { check } from './check.js';
import type { Command } from './command.js';
import { diff } from './diff.js';
import { drift } from './drift.js';
import { prober } from './prober.js';
import { replay } from './replay.js';
import { restore } from './restore.js';
import { retire } from './retire.js';
import { synth } from './synth.js';
import { vet } from './vet.js';

export const COMMANDS: readonly Command[] = [
  synth,
  diff,
  vet,
  drift,
  check,
  retire,
  replay,
  restore,
  backupServer,
  prober,
];
