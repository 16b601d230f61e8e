/** Snapshots on a real far side, made without the pod's own scripts, and a pod that reads them back. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BackupPod } from './backup-pod.js';

const SERVER = fileURLToPath(
  new URL('../../src/layers/backup/scripts/server/selfheal-backup-server.sh', import.meta.url),
);
const OPTIONS = ['-rlptgo', '--specials', '-HAXSxz', '--numeric-ids'];
const TOKEN = '01234567-89ab-cdef-0123-456789abcdef';
const MORE_APPLETS = ['cut', 'du', 'id', 'rmdir', 'stat'];

const BUSYBOX = (): string => execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();

/** As k3s names the folder of a claim. */
export const volumeName = (claim: string, uid = 1): string =>
  `pvc-00000000-0000-0000-0000-${String(uid).padStart(12, '0')}_${claim.replace('/', '_')}`;

export class BackupStore extends BackupPod {
  readonly server = SERVER;

  constructor() {
    super();
    this.program('far-direct', `#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec ${SERVER} "$@"\n`);
    for (const applet of MORE_APPLETS)
      if (!existsSync(this.at(`bin/${applet}`))) symlinkSync(BUSYBOX(), this.at(`bin/${applet}`));
    this.folder('scratch');
  }

  /** What is in `storage` becomes the newest snapshot; its name. */
  snapshot(notes: Readonly<Record<string, string>> = {}): string {
    const store = this.at('backup');
    const base = this.snapshots.at(-1) ?? '-';
    const far = `${SERVER} --folder ${store} receive ${TOKEN} ${base} 1000000`;
    execFileSync('rsync', [
      ...OPTIONS,
      '-e',
      "sh -c 'shift; set -f; exec $*' sh",
      `--rsync-path=${far}`,
      `${this.at('storage')}/`,
      'here:.',
    ]);
    const input = readdirSync(this.at('storage'))
      .map((volume) => `volume ${notes[volume] ?? '0 quiet'} ${volume}\n`)
      .join('');
    const answer = execFileSync(SERVER, ['--folder', store, 'publish', TOKEN, '-'], { input, encoding: 'utf8' });
    return answer.split(' ')[1] ?? '';
  }

  /** restore.sh, its own settings by their names without `LOCAL_PATH_RESTORE_`. */
  restore(asked: Readonly<Record<string, string>>, changed: Readonly<Record<string, string | undefined>> = {}) {
    const own = Object.entries(asked).map(([name, value]) => [`LOCAL_PATH_RESTORE_${name}`, value] as const);
    return this.run('restore.sh', { ...Object.fromEntries(own), ...changed });
  }
}
