import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareFolder } from '../src/synth/dist-folder.js';
import { synthesize } from '../src/synth/synthesize.js';
import { homelab, pvek8s } from './support/clusters.js';

let checkout: string;

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'selfheal-cdk8s-'));
  for (const part of ['package.json', 'tsconfig.json', 'cdk8s.yaml', 'src', 'imports', 'dist'])
    cpSync(part, join(checkout, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
});

afterAll(() => rmSync(checkout, { recursive: true, force: true }));

function cdk8s(...args: readonly string[]) {
  return spawnSync(process.execPath, [resolve('node_modules/cdk8s-cli/bin/cdk8s'), ...args, '--check-upgrade=false'], {
    cwd: checkout,
    encoding: 'utf8',
    // All of dist is more than the default.
    maxBuffer: 16 << 20,
    env: { PATH: process.env.PATH, HOME: checkout },
  });
}

test('cdk8s synth gives the bytes that selfheal synth gives', () => {
  const { status, stderr } = cdk8s('synth');

  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  expect(compareFolder(join(checkout, 'dist'), synthesize([homelab(), pvek8s()]).files)).toEqual([]);
});

test('cdk8s synth --output names another folder', () => {
  const { status } = cdk8s('synth', '--output', 'other');

  expect(status).toBe(0);
  expect(compareFolder(join(checkout, 'other'), synthesize([homelab(), pvek8s()]).files)).toEqual([]);
});

test('cdk8s synth --stdout prints every manifest and leaves dist alone', () => {
  const { status, stdout } = cdk8s('synth', '--stdout');

  expect(status).toBe(0);
  expect(stdout.match(/^kind: /gm)).toHaveLength(synthesize([homelab(), pvek8s()]).files.size);
  expect(existsSync(join(checkout, 'dist/homelab'))).toBe(true);
});
