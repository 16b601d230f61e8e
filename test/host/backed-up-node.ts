/** A node with one good backup, and the question that stands after every fault: does the last good one restore equal? */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { BackupPod, type Ended, type Start } from './backup-pod.js';
import { BackupSite } from './backup-site.js';
import { fingerprint, plant } from './backup-tree.js';
import { type NodePrograms, THIS_MACHINE } from './node-programs.js';

export const BACKUP_TOOLS = [
  ...['busybox', 'rsync', 'sshd', 'unshare', 'setpriv', 'ip', 'tc', 'flock'],
  ...['setfacl', 'setfattr', 'getfattr', 'faketime', 'mkfs.ext4'],
];

type Prints = ReadonlyMap<string, readonly string[]>;

export class BackedUpNode {
  readonly site: BackupSite;
  readonly pod: BackupPod;
  private good: { readonly snapshot: string; readonly volumes: Prints; readonly at: number } | undefined;
  private restored = 0;

  private constructor(prepare: (site: BackupSite) => void, programs: NodePrograms) {
    this.site = new BackupSite();
    prepare(this.site);
    this.pod = new BackupPod(this.site, programs);
  }

  /** With a server that answers, and a first backup of the volumes that `fill` put there. */
  static async start(
    fill = plant,
    prepare: (site: BackupSite) => void = () => {},
    programs = THIS_MACHINE,
  ): Promise<BackedUpNode> {
    const node = new BackedUpNode(prepare, programs);
    await node.site.prepare().start();
    fill(node.pod.source);
    await node.backUp();
    return node;
  }

  /** A backup that must succeed; what it saw is what the last good backup has to give back from now on. */
  async backUp(start: Start = {}): Promise<Ended> {
    const volumes = this.volumes();
    const ended = await this.pod.run('backup.sh', start);
    expect(ended.stderr).toBe('');
    expect(ended.status).toBe(0);
    this.good = { snapshot: this.site.newest, volumes, at: performance.now() };
    return ended;
  }

  /** Restores every volume of the last good backup, which must still be the newest, and compares it without rsync. */
  async expectLastGood(): Promise<void> {
    const { good } = this;
    if (good === undefined) throw new Error('node: expected a good backup, got none');
    expect(this.site.newest).toBe(good.snapshot);
    // A folder that was changed in this very second: rsync would take the time of its restored twin for the right one.
    await sleep(Math.max(0, good.at + 1_100 - performance.now()));
    for (const [volume, print] of good.volumes) {
      const into = await this.restore(good.snapshot, volume);
      expect(fingerprint(into)).toEqual(print);
      rmSync(into, { recursive: true });
    }
  }

  /** Restores one volume through the pod and says where it is. */
  async restore(snapshot: string, volume: string): Promise<string> {
    const into = `restore/${this.restored++}`;
    const settings = {
      LOCAL_PATH_RESTORE_SNAPSHOT: snapshot,
      LOCAL_PATH_RESTORE_VOLUME: volume,
      LOCAL_PATH_RESTORE_INTO: `/${into}`,
      LOCAL_PATH_RESTORE_APPLY: 'yes',
    };
    const { status, stderr } = await this.pod.run('restore.sh', { settings });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return join(this.pod.root, into);
  }

  private volumes(): Prints {
    const { source } = this.pod;
    const names = readdirSync(source).filter((name) => name.includes('pvc-'));
    return new Map(names.map((name) => [name, fingerprint(join(source, name))]));
  }

  async destroy(): Promise<void> {
    await this.site.destroy();
    this.pod.destroy();
  }
}
