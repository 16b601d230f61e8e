import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { workspace } from '../support/program.js';

const description = (change: object): string => `export default ${JSON.stringify({ ...MINIMAL_SPEC, ...change })};\n`;
const DNS = { dns: { replicas: 1 } };

let open: (() => void)[] = [];
afterEach(() => {
  for (const remove of open) remove();
  open = [];
});

/** A folder where CoreDNS was patched, with the description that follows. */
function patchedThen(next: Readonly<Record<string, string>>, first: object = DNS) {
  const created = workspace({ 'clusters/attic.ts': description(first) });
  open = [...open, created.remove];
  const written = created.run('synth');
  expect(written, written.stderr).toMatchObject({ status: 0 });
  for (const [path, content] of Object.entries(next)) created.put(path, content);
  return {
    ...created,
    coredns: (): string => readFileSync(join(created.folder, 'dist/attic/coredns/deployment-coredns.yaml'), 'utf8'),
  };
}

describe.each([['synth'], ['synth --check']])('%s', (line) => {
  const args = line.split(' ');

  test('does not let a patch vanish that was not taken back', () => {
    const { run, coredns } = patchedThen({ 'clusters/attic.ts': description({}) });
    const before = coredns();

    const { status, stdout, stderr } = run(...args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('selfheal synth: 1 patch of a foreign object would be lost, nothing was written');
    expect(stderr).toContain(
      '  attic: Deployment kube-system/coredns: expected to be taken back before dist/attic/coredns/deployment-coredns.yaml goes, got no such step',
    );
    expect(stderr).toContain('selfheal retire coredns --cluster attic');
    expect(coredns()).toBe(before);
  });

  test('lets it go after the first of two commits, and says how to ask whether that one is live', () => {
    const { run } = patchedThen({ 'clusters/attic.ts': description({}) }, { ...DNS, retiring: ['coredns'] });

    const { status, stderr } = run(...args);

    expect(status).toBe(args.length - 1);
    expect(stderr).toContain(
      'the second of two commits: `selfheal retire coredns --cluster attic --context CONTEXT` says whether the first is live',
    );
  });

  test('lets a whole cluster go, and names what stays patched in it', () => {
    const { run, folder } = patchedThen({
      'clusters/attic.ts': description({ name: 'cellar' }),
    });

    const { status, stderr } = run(...args);

    expect(readFileSync(join(folder, 'clusters/attic.ts'), 'utf8')).toContain('cellar');
    expect(status).toBe(args.length - 1);
    expect(stderr).toContain(
      'attic is described no more: if it still runs, these keep our fields: Deployment kube-system/coredns',
    );
  });
});

test('the first commit is written by synth: the object is its name and its protection', () => {
  const { run, coredns } = patchedThen({ 'clusters/attic.ts': description({ ...DNS, retiring: ['coredns'] }) });

  expect(run('synth').status).toBe(0);
  expect(coredns()).toContain('selfheal.dev/foreign: retiring');
  expect(coredns()).toContain('Prune=false,Delete=false');
  expect(coredns()).not.toContain('spec:');
  expect(run('synth', '--check').status).toBe(0);
});
