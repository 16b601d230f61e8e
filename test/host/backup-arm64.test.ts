/**
 * The backup of a Raspberry Pi: real arm64 rsync and ssh, of the versions that Ubuntu 25.10 has, through their own dynamic
 * linker, to a real sshd of this machine. What differs from the other suites is the programs alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { PLAIN } from './backup-tree.js';
import { raspberryPi } from './node-programs.js';

const TITLE = "snapshots with a Raspberry Pi's programs";
const programs = raspberryPi();

if ('missing' in programs) {
  const words = `${programs.missing}: expected to be there, got nothing (tools/install-host-tools.sh brings it)`;
  if (process.env.CI) throw new Error(`suite '${TITLE}': ${words}`);
  console.warn(`SKIPPED '${TITLE}': ${words}`);
  describe.skip(TITLE, () => {
    test('needs the programs', () => {});
  });
} else {
  describeWith(BACKUP_TOOLS, TITLE, () => {
    let node: BackedUpNode;

    beforeAll(async () => {
      node = await BackedUpNode.start(undefined, undefined, programs);
    });
    afterAll(async () => {
      await node?.destroy();
    });

    const started = () => readFileSync(join(node.pod.root, 'textfile/started'), 'utf8');

    test('starts nothing but the programs of the host, each with the library folders of the host', () => {
      const words = started().trim().split('\n');

      const libraries = new Set(words.map((line) => line.split(' ').slice(0, 2).join(' ')));
      expect([...libraries]).toEqual(['--library-path /host-lib:/host-usr/lib/aarch64-linux-gnu']);
      expect(words.map((line) => line.split(' ')[2])).toContain('/host-usr/bin/rsync');
      expect(words.map((line) => line.split(' ')[2])).toContain('/host-usr/bin/ssh');
    });

    test('speaks with a server of another version and architecture', async () => {
      const { status, stdout } = await node.pod.run('backup.sh');

      expect(status).toBe(0);
      expect(stdout).toContain(`nothing changed since ${node.site.newest}`);
    });

    test('gives back the first backup equal', async () => {
      await node.expectLastGood();
    });

    test('makes a second snapshot that shares what did not change, and gives it back equal', async () => {
      const first = node.site.newest;
      writeFileSync(join(node.pod.source, PLAIN, 'new.yaml'), 'light: on\n');

      await node.backUp();

      expect(node.site.newest).not.toBe(first);
      expect(node.site.facts(node.site.newest).base).toBe(first);
      await node.expectLastGood();
    });

    test('reads a volume back in the drill and finds it equal', async () => {
      const { status, stderr } = await node.pod.run('drill.sh', { settings: { MAX_BYTES: 1_000_000_000 } });

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  });
}
