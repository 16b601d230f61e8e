import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { workspace } from '../support/program.js';

const describing = (reachability: object | undefined, name = 'attic'): string =>
  JSON.stringify({ ...MINIMAL_SPEC, name, ...(reachability && { reachability }) });

let open: (() => void)[] = [];
afterEach(() => {
  for (const remove of open) remove();
  open = [];
});
function prober(files: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const { run, remove } = workspace(files);
  open.push(remove);
  return run('prober', ...flags);
}

test.each([
  [{ 'clusters/a.json': describing(undefined) }, [], 'expected a description with reachability, got none'],
  [
    { 'clusters/a.json': describing({}), 'clusters/b.json': describing({}, 'cellar') },
    [],
    '--cluster: expected one with reachability in clusters (attic, cellar), got nothing',
  ],
  [{ 'clusters/a.json': describing({}) }, ['--cluster', 'atic'], 'got "atic"; did you mean "attic"?'],
])('prints nothing of %#', (files, flags, message) => {
  const { status, stdout, stderr } = prober(files, ...flags);

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('prints a script that a shell can read, with every file as it is', () => {
  const { status, stdout } = prober({ 'clusters/a.json': describing({ notify: { kind: 'ntfy' } }) });

  expect(status).toBe(0);
  expect(stdout).toMatch(/^#!\/bin\/sh\nSELFHEAL_INSTALL_CLUSTER=attic\nSELFHEAL_INSTALL_FORM=ntfy\n/);
  expect(stdout).toContain('\nREACHABILITY_TARGETS=lamp/192.0.2.7/22+10250\n');
  expect(spawnSync('sh', ['-n'], { input: stdout }).status).toBe(0);
});

test('says where nobody would be told', () => {
  expect(prober({ 'clusters/a.json': describing({}) }).stderr).toContain('it will tell nobody');
});

test('prints monitors for Uptime Kuma as JSON, and what not to choose there', () => {
  const { status, stdout, stderr } = prober({ 'clusters/a.json': describing({}) }, '--uptime-kuma');

  expect(status).toBe(0);
  expect(JSON.parse(stdout).monitorList).toHaveLength(2);
  expect(stderr).toContain('never "Overwrite"');
});
