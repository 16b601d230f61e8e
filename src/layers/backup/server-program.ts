/** The program of the other machine: its files, and where they are put there. */
import { basename } from 'node:path';
import type { InstalledFile } from '../payload.js';
import { readScript, scriptPaths } from '../script.js';
import { RESTORE_SCRIPTS } from './restore-scripts.js';

const ENTRY = 'selfheal-backup-server.sh';

/** Where an installed one is. */
export const OFFICIAL = {
  program: '/usr/local/bin/selfheal-backup-server',
  parts: '/usr/local/lib/selfheal/backup-server',
  restore: '/usr/local/lib/selfheal/restore',
} as const;

/** What the other machine gets: the program, its parts, and the scripts that restore on that machine itself. */
export function serverFiles(): readonly InstalledFile[] {
  const program = scriptPaths('backup', 'server', '.sh').map((path) => basename(path));
  return [
    ...program.map((name) => ({
      path: name === ENTRY ? OFFICIAL.program : `${OFFICIAL.parts}/${name}`,
      mode: name === ENTRY ? ('0755' as const) : ('0644' as const),
      content: readScript('backup', `server/${name}`),
    })),
    ...RESTORE_SCRIPTS.map((name) => ({
      path: `${OFFICIAL.restore}/${name}`,
      mode: '0644' as const,
      content: readScript('backup', `pod/${name}`),
    })),
  ];
}
