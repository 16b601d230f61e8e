/** Owners, modes and attributes, which only root can set where it reads and where it restores. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { FarSide, isRoot, READ, TOOLS } from './far-side.js';

const VOLUME = 'pvc-1_home_ha';

if (!isRoot) console.warn("SKIPPED 'owners of a backup': only root can give files to others");

describe.runIf(isRoot)('as root', () => {
  describeWith([...TOOLS, 'setfacl', 'setfattr'], 'owners of a backup', () => {
    test('come back as they were, through an account that may not set them', () => {
      const far = new FarSide();
      try {
        for (const file of ['owned', 'setuid', 'listed', 'closed']) far.write(`${VOLUME}/${file}`, `${file}\n`);
        const at = (path: string) => join(far.source, VOLUME, path);
        chownSync(at('owned'), 1883, 1884);
        chownSync(at('setuid'), 7, 8);
        chmodSync(at('setuid'), 0o6755);
        chmodSync(at('closed'), 0);
        symlinkSync('owned', at('link'));
        lchownSync(at('link'), 5, 6);
        mkdirSync(at('sticky'));
        chmodSync(at('sticky'), 0o1777);
        for (const command of [
          ['setfacl', '-m', 'u:1000:rw', at('listed')],
          ['setfattr', '-n', 'user.note', '-v', 'kept', at('listed')],
          ['mkfifo', at('pipe')],
        ])
          expect(spawnSync(command[0] ?? '', command.slice(1)).status).toBe(0);

        const name = far.backUp();
        const into = mkdtempSync(join(far.home, 'into-'));
        const { status } = far.rsync(`send ${name} ${VOLUME}`, READ, 'far:.', `${into}/`);

        expect(status).toBe(0);
        expect(statSync(far.at('snapshots', name, 'data', VOLUME, 'owned')).uid).not.toBe(1883);
        expect(statSync(join(into, 'owned'))).toMatchObject({ uid: 1883, gid: 1884 });
        expect(statSync(join(into, 'setuid')).mode & 0o7777).toBe(0o6755);
        expect(described(into)).toBe(described(join(far.source, VOLUME)));
        expect(described(into)).toContain('user:1000:rw-');
        const lines = far.verb(`manifest ${name} ${VOLUME}`).stdout;
        expect(lines).toMatch(/\trwsr-sr-x\t7\t8\t7\t\S+\tf\tsetuid\n/);
        expect(lines).toMatch(/^-\trwxrwxrwx\t5\t6\t5\t\S+\tL\tlink -> owned$/m);
        expect(lines).toMatch(/^-\t\S{9}\t0\t0\t0\t\S+\tS\tpipe$/m);
      } finally {
        far.remove();
      }
    });
  });
});

/** Types, modes, owners, targets, times, ACLs and attributes of everything below a folder. Beside files, rsync leaves a
 * time alone that is right to the second. */
function described(folder: string): string {
  const script =
    'find . -type f -printf "%T@ %p\\n" | sort; find . -printf "%y %m %U %G %l %TF %TT %p\\n" | sed "s/:\\([0-9]*\\)\\.[0-9]*/:\\1/" | sort; find . | sort | xargs getfacl -n; getfattr -R -d . | sort';
  return spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).stdout;
}
