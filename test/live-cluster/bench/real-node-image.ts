/** An image for everything that runs on a real node: busybox, which is Alpine's shell and programs. Nothing is pulled. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** As pods and containerd ask for it. */
const NAMES = ['docker.io/library/alpine:3.21', 'docker.io/library/pause:test'];

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' };

/** A docker archive of one layer. */
export function writeImage(file: string, scratch: string): void {
  const folder = mkdtempSync(join(scratch, 'image-'));
  const root = join(folder, 'root');
  for (const name of ['bin', 'usr/bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'run']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const busybox = realpathSync('/bin/busybox');
  cpSync(busybox, join(root, 'bin/busybox'));
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  symlinkSync('../../bin/env', join(root, 'usr/bin/env'));
  execFileSync('tar', ['-cf', join(folder, 'layer.tar'), '-C', root, '.']);
  const config = JSON.stringify({
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      // Ends when it is told to, as a real pause does: a PID 1 that ignores it holds a host's shutdown up for 90 s.
      Cmd: ['/bin/sh', '-c', 'trap exit TERM; sleep 1000000 & wait'],
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(join(folder, 'layer.tar')))}`] },
  });
  const name = `${sha256(config)}.json`;
  writeFileSync(join(folder, name), config);
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify([{ Config: name, RepoTags: NAMES, Layers: ['layer.tar'] }]),
  );
  execFileSync('tar', ['-cf', file, '-C', folder, 'manifest.json', name, 'layer.tar']);
  rmSync(folder, { recursive: true });
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
