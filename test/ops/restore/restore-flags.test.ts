import { describe, expect, test } from 'vitest';
import { parseRestoreFlags } from '../../../src/ops/restore/restore-flags.js';

type Flags = Parameters<typeof parseRestoreFlags>[0];

const issuesOf = (flags: Flags): readonly string[] => {
  const result = parseRestoreFlags(flags);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`);
};
const requestOf = (flags: Flags) => {
  const result = parseRestoreFlags(flags);
  return result.ok ? result.value : result.issues;
};

describe('flags are refused', () => {
  const job = { volume: 'home/ha', job: true, node: 'jarvis' } as const;

  test.each<[string, Flags, string]>([
    ['an apply without a place', { volume: 'home/ha', apply: true }, '--apply: expected together with --into'],
    ['a place without a volume', { into: '/x' }, '--into: expected together with --volume'],
    [
      'a snapshot that nothing is done with',
      { volume: 'home/ha', snapshot: 'latest' },
      '--snapshot: expected together with --into',
    ],
    ['a node without a job', { node: 'jarvis' }, '--node: expected together with --job'],
    ['a claim without a job', { claim: 'home/ha' }, '--claim: expected together with --job'],
    [
      'a job without a node',
      { volume: 'home/ha', job: true, into: '/a/b' },
      '--node: expected the node that the Job runs on',
    ],
    ['a job without a target', job, '--into: expected a folder of the node (or --claim NAMESPACE/NAME), got nothing'],
    [
      'a job with two targets',
      { ...job, into: '/a/b', claim: 'home/ha' },
      '--into: expected without --claim, got both',
    ],
    ['a job with a key of a file', { ...job, into: '/a/b', key: 'id' }, '--job: expected without --key'],
    [
      'a job whose folder is at the top',
      { ...job, into: '/restored' },
      '--into: expected an absolute path on the node with a folder above it',
    ],
    ['a job whose folder climbs', { ...job, into: '/a/../b' }, '--into: expected an absolute path on the node'],
    ['a job whose folder has a blank', { ...job, into: '/a/b c' }, '--into: expected an absolute path on the node'],
    ['a job whose folder is relative', { ...job, into: 'a/b' }, '--into: expected an absolute path on the node'],
    ['a local folder and a key', { local: 'x', key: 'id' }, '--local: expected without --key'],
    ['a local folder and a description', { local: 'x', clusters: 'c' }, '--local: expected without --clusters'],
    ['a list that is no list', { output: 'yaml' }, '--output: expected one of text, json, got "yaml"'],
    [
      'a volume that a shell could read something into',
      { volume: 'a b' },
      '--volume: expected a volume as "selfheal restore" lists it',
    ],
    ['a volume that climbs', { volume: '../x' }, '--volume: expected a volume'],
    [
      'a snapshot of another form',
      { volume: 'home/ha', into: 'x', snapshot: 'yesterday' },
      '--snapshot: expected "latest" or a snapshot',
    ],
    ['the root as a place', { volume: 'home/ha', into: '/' }, '--into: expected a folder below /'],
    ['a place with a line end', { volume: 'home/ha', into: 'a\nb' }, '--into: expected a folder below /'],
  ])('%s', (_, flags, message) => {
    expect(issuesOf(flags).join('\n')).toContain(message);
  });

  test('all at once', () => {
    expect(issuesOf({ output: 'x', snapshot: 'x', node: 'x', claim: 'x' })).toHaveLength(6);
  });
});

describe('flags ask', () => {
  test.each<[Flags, object]>([
    [{}, { kind: 'list', volume: undefined, output: 'text' }],
    [
      { volume: 'home/ha', output: 'json' },
      { kind: 'list', volume: 'home/ha', output: 'json' },
    ],
    [
      { volume: 'home/ha', into: 'my place' },
      { kind: 'restore', volume: 'home/ha', snapshot: 'latest', apply: false, into: 'my place' },
    ],
    [
      { volume: 'pvc-1_home_ha', snapshot: '2026-11-21T02-30-04Z-2', into: '/x', apply: true },
      { kind: 'restore', volume: 'pvc-1_home_ha', snapshot: '2026-11-21T02-30-04Z-2', apply: true, into: '/x' },
    ],
    [
      { volume: 'home/ha', job: true, node: 'jarvis', into: '/srv/restored' },
      {
        kind: 'job',
        volume: 'home/ha',
        snapshot: 'latest',
        apply: false,
        node: 'jarvis',
        target: { kind: 'folder', path: '/srv/restored' },
      },
    ],
    [
      { volume: 'home/ha', job: true, node: 'jarvis', claim: 'home/ha', apply: true },
      {
        kind: 'job',
        volume: 'home/ha',
        snapshot: 'latest',
        apply: true,
        node: 'jarvis',
        target: { kind: 'claim', namespace: 'home', name: 'ha' },
      },
    ],
  ])('%j', (flags, request) => {
    expect(requestOf(flags)).toEqual(request);
  });
});
