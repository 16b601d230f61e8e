/** Every verb. */
import type { Command } from './command.js';
import { replay } from './replay.js';
import { synth } from './synth.js';

export const COMMANDS: readonly Command[] = [synth, replay];
