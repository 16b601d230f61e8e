/** Every verb. */
import { backupServer } from './backup-server.js';
import type { Command } from './command.js';
import { prober } from './prober.js';
import { replay } from './replay.js';
import { restore } from './restore.js';
import { synth } from './synth.js';

export const COMMANDS: readonly Command[] = [synth, replay, restore, backupServer, prober];
