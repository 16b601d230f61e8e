/** What `selfheal reboot` says to flags that do not fit, before it asks any cluster anything. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { run, terminal } from '../../src/commands/run.js';
import { LEASE } from '../../src/ops/reboot/names.js';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server.js';

const { lamp } = MINIMAL_SPEC.nodes;
const ATTIC = {
  ...MINIMAL_SPEC,
  nodes: { lamp, bulb: { ...lamp, role: 'agent', address: '192.0.2.8' } },
  hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
};

let api: FakeApiServer;
let folder: string;

beforeAll(async () => {
  api = await startFakeApiServer();
});
afterAll(() => api.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-reboot-'));
  describedBy(ATTIC);
});
afterEach(() => {
  api.reset();
  rmSync(folder, { recursive: true, force: true });
});

function describedBy(...specs: readonly { readonly name: string }[]): void {
  const clusters = join(folder, 'clusters');
  rmSync(clusters, { recursive: true, force: true });
  mkdirSync(clusters);
  for (const spec of specs) writeFileSync(join(clusters, `${spec.name}.json`), JSON.stringify(spec));
}

async function reboot(...args: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const words = ['reboot', '--clusters', join(folder, 'clusters'), ...args];
  const status = await run(words, {
    ...terminal,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    environment: { KUBECONFIG: api.kubeconfig(), PATH: '' },
  });
  return { status, out, err };
}

const CONTEXT = ['--context', 'test'];

describe('it asks no cluster, writes nothing, ends with 2, and says what is wrong', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'no context',
      ['--apply'],
      ['selfheal reboot: --context: expected the name of a context, got none', '  kubectl config get-contexts'],
    ],
    [
      'no context, of a plan',
      [],
      ['selfheal reboot: --context: expected the name of a context, got none', '  kubectl config get-contexts'],
    ],
    [
      'a node that is not described',
      [...CONTEXT, '--apply', '--node', 'lmap'],
      ['selfheal reboot: --node: expected one of lamp, bulb, got "lmap"; did you mean "lamp"?'],
    ],
    [
      'a node that has the name of something that every object has',
      [...CONTEXT, '--node', 'toString'],
      ['selfheal reboot: --node: expected one of lamp, bulb, got "toString"'],
    ],
    [
      'a node twice',
      [...CONTEXT, '--apply', '--node', 'lamp', '--node', 'bulb', '--node', 'lamp'],
      ['selfheal reboot: --node: expected each node once, got "lamp" again'],
    ],
    ['no node', [...CONTEXT, '--apply', '--node='], ['selfheal reboot: --node: expected a value, got ""']],
    ['no reason', [...CONTEXT, '--apply', '--reason', ''], ['selfheal reboot: --reason: expected a value, got ""']],
    ['a reason that is left out', [...CONTEXT, '--reason'], ['selfheal reboot: --reason: expected a value, got none']],
    [
      'a flag where a reason should be',
      [...CONTEXT, '--reason', '--apply'],
      [
        'selfheal reboot: --reason: expected a value, got "--apply"',
        '  one that begins with "-" is written as --reason=VALUE',
      ],
    ],
    [
      'a value where none is taken, behind a reason that begins with a dash',
      [...CONTEXT, '--reason=-x', '--apply=yes'],
      ['selfheal reboot: --apply: expected no value, got "yes"'],
    ],
    [
      'a reason of blanks',
      [...CONTEXT, '--apply', '--reason', '  '],
      ['selfheal reboot: --reason: expected one line that says why, at most 200 characters, got "  "'],
    ],
    [
      'a reason of two lines',
      [...CONTEXT, '--apply', '--reason', 'a\nb'],
      ['selfheal reboot: --reason: expected one line that says why, at most 200 characters, got "a\\nb"'],
    ],
    [
      'a reason twice',
      [...CONTEXT, '--reason', 'a', '--reason', 'b'],
      ['selfheal reboot: --reason: expected once, got it again'],
    ],
    [
      '--undo of one node',
      [...CONTEXT, '--undo', '--apply', '--node', 'lamp'],
      ['selfheal reboot: --undo: expected none of --node, --reason with it, got --node', '  it takes all of it back'],
    ],
    [
      '--undo for a reason',
      [...CONTEXT, '--undo', '--node', 'lamp', '--reason', 'x'],
      [
        'selfheal reboot: --undo: expected none of --node, --reason with it, got --node, --reason',
        '  it takes all of it back',
      ],
    ],
    [
      '--print-role of a roll that is to be done',
      ['--print-role', '--apply', '--undo'],
      [
        'selfheal reboot: --print-role: expected none of --node, --reason, --undo, --apply with it, got --undo, --apply',
        '  it asks no cluster',
      ],
    ],
    [
      'a form that it does not have',
      [...CONTEXT, '-o', 'markdown'],
      ['selfheal reboot: --output: expected one of text, json, got "markdown"'],
    ],
    [
      'a context that is not there',
      ['--context', 'tset', '--apply'],
      [expect.stringMatching(/^selfheal reboot: .*"tset".*; did you mean "test"\?$/)],
    ],
    [
      'a flag that it does not have',
      [...CONTEXT, '--aply'],
      [expect.stringMatching(/^selfheal reboot: flags: expected .*--apply.*, got "--aply"; did you mean "--apply"\?$/)],
    ],
  ])('%s', async (_, args, message) => {
    const { status, out, err } = await reboot(...args);

    expect(err).toEqual(message);
    expect(status).toBe(2);
    expect(out).toEqual([]);
    expect(api.questions).toEqual([]);
    expect(readdirSync(folder)).toEqual(['clusters']);
  });

  test('no description', async () => {
    describedBy();

    const { status, err } = await reboot(...CONTEXT, '--apply');

    expect(err[0]).toBe(
      `selfheal reboot: clusters '${join(folder, 'clusters')}': expected a folder with a description of a cluster, got none in it`,
    );
    expect(status).toBe(2);
    expect(api.questions).toEqual([]);
  });

  test('several clusters, and none of them is meant', async () => {
    describedBy(ATTIC, { ...ATTIC, name: 'cellar' });

    const { status, err } = await reboot(...CONTEXT, '--apply', '--node', 'lamp');

    expect(err).toEqual(['selfheal reboot: --cluster: expected one of attic, cellar, got nothing']);
    expect(status).toBe(2);
    expect(api.questions).toEqual([]);
  });

  test('everything at once, each with its place', async () => {
    const args = [
      '--context',
      'tset',
      '--undo',
      '--node',
      'lmap',
      '--node',
      'shade',
      '--node',
      'lmap',
      '--reason',
      ' ',
      '-o',
      'yaml',
    ];

    const { status, err } = await reboot(...args);

    expect(err).toEqual([
      'selfheal reboot: --output: expected one of text, json, got "yaml"',
      expect.stringMatching(/^ {2}--context: .*"tset"; did you mean "test"\?$/),
      '  --undo: expected none of --node, --reason with it, got --node, --reason',
      '  it takes all of it back',
      '  --node: expected each node once, got "lmap" again',
      '  --reason: expected one line that says why, at most 200 characters, got " "',
      '  --node: expected one of lamp, bulb, got "lmap"; did you mean "lamp"?',
      '  --node: expected one of lamp, bulb, got "shade"',
    ]);
    expect(status).toBe(2);
  });

  test('what is wrong with the description stands beside what is wrong with the flags', async () => {
    describedBy({ ...ATTIC, datastore: 'etcdd' } as never);

    const { err } = await reboot('--apply', '--reason', ' ');

    expect(err).toEqual([
      'selfheal reboot: --context: expected the name of a context, got none',
      '  kubectl config get-contexts',
      '  --reason: expected one line that says why, at most 200 characters, got " "',
      '  1 problem in the description',
      expect.stringMatching(/^ {2}.*attic\.json: datastore: expected one of .*did you mean "etcd"\?$/),
    ]);
  });
});

describe('another cluster than the described one', () => {
  test.each([[['--apply']], [[]], [['--undo', '--apply']]])('is left alone: %j', async (more) => {
    api.play = ({ path }, response) =>
      path === '/api/v1/nodes'
        ? response.writeHead(200, { 'Content-Type': 'application/json' }).end(
            JSON.stringify({
              kind: 'NodeList',
              apiVersion: 'v1',
              metadata: {},
              items: [{ metadata: { name: 'stranger' } }],
            }),
          )
        : undefined;

    const { status, err } = await reboot(...CONTEXT, ...more);

    expect(err).toEqual([
      'selfheal reboot: --context: expected the cluster attic with the nodes lamp, bulb, got "test" with stranger',
    ]);
    expect(status).toBe(2);
    expect(api.questions.length).toBeGreaterThan(0);
    expect(new Set(api.questions.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

describe('--print-role', () => {
  const printed = async () => {
    const { status, out } = await reboot('--print-role');
    expect(status).toBe(0);
    return parseAllDocuments(out.join('\n')).map((document) => parse(String(document)));
  };

  test('asks no cluster, and needs no context', async () => {
    const { err } = await reboot('--print-role');

    expect(err).toEqual([]);
    expect(api.questions).toEqual([]);
  });

  test('gives a group what the roll of the cluster itself has, and says that it is root', async () => {
    const objects = await printed();

    expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name])).toEqual([
      ['ClusterRole', '', 'selfheal-reboot-attic'],
      ['ClusterRoleBinding', '', 'selfheal-reboot-attic'],
      ['Role', LEASE.namespace, 'selfheal-reboot-attic'],
      ['RoleBinding', LEASE.namespace, 'selfheal-reboot-attic'],
    ]);
    for (const { subjects } of objects.filter(({ kind }) => kind.endsWith('Binding')))
      expect(subjects).toEqual([{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'selfheal-reboot' }]);
    expect(objects[2].rules).toContainEqual({ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] });
    expect(objects[2].metadata.annotations['kubernetes.io/description']).toContain('root on every node');
    expect(objects[0].rules).toContainEqual({
      ...{ apiGroups: [''], resources: ['nodes'], verbs: ['patch'], resourceNames: ['lamp', 'bulb'] },
    });
    expect(JSON.stringify(objects)).not.toMatch(/"\*"|secrets/);
  });
});
