/** docs/restore.md is read at night: its commands are taken from the page and run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import homelabSpec from '../../src/clusters/homelab.js';
import { BackupStore } from '../support/backup-store.js';
import { workspace } from '../support/program.js';
import { describeWith } from '../support/tools.js';

const HA = 'pvc-0a6ab4ba-1f8c-4b8c-9d6e-0123456789ab_home_ha-config';
const PAGE = readFileSync('docs/restore.md', 'utf8');
const commands = [...PAGE.matchAll(/^( *)```sh\n([\s\S]*?)\n\1```$/gm)].flatMap(([, , block = '']) =>
  block.split('\n').map((line) => line.trim()),
);
const starting = (start: string): readonly string[] => commands.filter((line) => line.startsWith(start));
const isRoot = process.getuid?.() === 0;

test('the scan found the commands', () => {
  expect(commands.length).toBeGreaterThan(15);
  expect(starting('selfheal restore').length).toBeGreaterThan(4);
});

describe('a command of the page', () => {
  const ours = commands.flatMap((line) => /^(?:sudo )?selfheal ([^>]*)/.exec(line)?.[1]?.trim() ?? []);

  test.each(ours)('selfheal %s is one that the program takes', (line) => {
    const { run, remove } = workspace({
      'clusters/homelab.json': JSON.stringify(homelabSpec),
      'id.pub': `${homelabSpec.backup?.to.hostKey} me\n`,
    });

    const { status, stderr } = run(...line.replace('~/.ssh/id_ed25519.pub', 'id.pub').split(' '));
    remove();

    // Without programs in PATH what needs the other machine ends there; no flag and no value was refused before.
    const stopped = 'selfheal restore: restore.sh: expected env and sh in PATH, got none\n';
    if (status !== 0) expect(stderr).toBe(stopped);
  });

  test('kubectl names only what the Job is called', () => {
    const jobs = starting('kubectl').flatMap((line) => /job\/(\S+)/.exec(line)?.[1] ?? []);

    expect([...new Set(jobs)].sort()).toEqual(['selfheal-restore', 'selfheal-restore-plan']);
  });
});

describeWith(['rsync', 'flock', 'busybox'], 'with nothing but the backup machine', () => {
  const as = isRoot ? test : test.skip;
  if (!isRoot) console.warn("SKIPPED 'with nothing but the backup machine': this is not root");
  let store: BackupStore;
  beforeEach(() => {
    store = new BackupStore();
    store.volume(HA, 3);
    execFileSync('sh', ['-c', 'chown 1000:1001 file-1; chmod 640 file-1; ln -s file-1 link', 'sh'], {
      cwd: store.at(`storage/${HA}`),
    });
  });
  afterEach(() => store.end());

  const here = (line: string, snapshot: string): string =>
    line
      .replace(/^sudo /, '')
      .replaceAll('/usr/local/bin/selfheal-backup-server', store.server)
      .replaceAll('/backup/snapshots', store.at('backup'))
      .replaceAll('/srv/restored', store.at('restored'))
      .replaceAll('2026-11-21T09-30-04Z', snapshot);
  const sh = (line: string | undefined, snapshot: string) =>
    spawnSync('sh', ['-c', here(line ?? 'exit 99', snapshot)], {
      env: { ...process.env, LOCAL_PATH_BACKUP_RUN_FOLDER: store.at('run') },
      encoding: 'utf8',
    });
  const differences = (): string =>
    execFileSync(
      'rsync',
      ['-rlptgoHAXSc', '-n', '-i', '--delete', `${store.at(`storage/${HA}`)}/`, `${store.at('restored')}/`],
      {
        encoding: 'utf8',
      },
    );

  as('the list, the plan and the restore work as they stand', () => {
    const name = store.snapshot();
    const [first, second, third] = starting('sudo /usr/local/bin');

    const list = sh(first, name);
    const plan = sh(second, name);
    const restored = sh(third, name);

    expect(list.stdout).toContain(`\t${HA}\t`);
    expect(plan).toMatchObject({ status: 0, stderr: '' });
    expect(plan.stdout).toContain('plan only: nothing was written');
    expect(restored).toMatchObject({ status: 0, stderr: '' });
    expect(differences()).toBe('');
  });

  as('rsync alone gives owners, modes and links back', () => {
    const name = store.snapshot();

    sh(starting('sudo mkdir')[0], name);
    const { status, stderr } = sh(starting('sudo rsync -aHAXS --numeric-ids --fake-super')[0], name);

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(differences()).toBe('');
  });
});
