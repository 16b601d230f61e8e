/** What `selfheal retire` refuses, and what it leaves behind: its two commits beside a real cluster are tested elsewhere. */
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseManifests } from '../../src/manifest/read.js';
import { MINIMAL_SPEC } from '../support/clusters.js';
import {
  discovered,
  discoveryList,
  type FakeApiServer,
  json,
  refuse,
  startFakeApiServer,
} from '../support/fake-api-server.js';
import { gitWorkspace } from '../support/git-workspace.js';

const FILE = 'clusters/attic.json';
const COREDNS = 'dist/attic/coredns/deployment-coredns.yaml';
const ARGO = 'dist/attic/argocd/application-selfheal-coredns.yaml';
const LIVE = ['retire', 'coredns', '--context', 'test'] as const;
const textOf = (change: object): string => JSON.stringify({ ...MINIMAL_SPEC, ...change }, undefined, 2);
const DNS = { dns: { replicas: 1 } };

let place: ReturnType<typeof gitWorkspace>;
beforeEach(async () => {
  place = gitWorkspace({ [FILE]: textOf(DNS), 'note.txt': 'one\n' });
  await place.git('init', '--quiet', '--initial-branch=main');
  expect(await place.run(['synth'])).toMatchObject({ status: 0 });
  await place.commitAll('first');
});
afterEach(() => place.remove());

/** Refused with these words, and everything is as it was. */
async function expectRefused(args: readonly string[], words: string | RegExp, environment = {}, status = 2) {
  const before = await place.state();

  const said = await place.run(args, environment);

  expect(said.stderr + said.stdout).toMatch(words);
  expect(said.status).toBe(status);
  expect(await place.state()).toEqual(before);
}

describe('before the first commit it is refused, and nothing is written, where', () => {
  const refused = (words: string | RegExp) => expectRefused(['retire', 'coredns', '--apply'], words);

  test('no patch is named, or two are', async () => {
    await expectRefused(['retire', '--apply'], 'patch: expected one, e.g. "coredns", got nothing');
    await expectRefused(
      ['retire', 'coredns', 'keep-off', '--apply'],
      'patch: expected one, e.g. "coredns", got "keep-off"',
    );
  });

  test('no patch has that name', async () => {
    await expectRefused(
      ['retire', 'coredn', '--apply'],
      /patch: expected one that attic has or had \(coredns\), got "coredn"; did you mean "coredns"\?/,
    );
  });

  test.each(['longhorn-csi-spread', 'keep-off/web/shop', 'keep-off', 'argocd', 'coredns/kube-system/coredns'])(
    'the cluster has never had the patch %s',
    async (patch) => {
      await expectRefused(
        ['retire', patch, '--apply'],
        `patch: expected one that attic has or had (coredns), got "${patch}"`,
      );
    },
  );

  test('no cluster has that name', async () => {
    await expectRefused(
      ['retire', 'coredns', '--apply', '--cluster=atic'],
      /--cluster: expected one of attic, got "atic"/,
    );
  });

  test('there is no repository', async () => {
    renameSync(join(place.folder, '.git'), join(place.folder, 'git'));
    const { status, stderr } = await place.run(['retire', 'coredns', '--apply']);
    renameSync(join(place.folder, 'git'), join(place.folder, '.git'));

    expect(stderr).toContain('expected a folder in a Git repository, got one in none');
    expect(status).toBe(2);
    expect(await place.git('status', '--porcelain')).toBe('');
  });

  test('something of what it commits is staged', async () => {
    place.put(FILE, `${textOf(DNS)}\n`);
    await place.git('add', FILE);

    await refused(`index: expected nothing staged of what this commits, got ${FILE}`);
  });

  test('a merge is under way', async () => {
    await place.git('checkout', '--quiet', '-b', 'other');
    place.put('note.txt', 'other\n');
    await place.commitAll('other');
    await place.git('checkout', '--quiet', 'main');
    place.put('note.txt', 'mine\n');
    await place.commitAll('mine');
    await expect(place.git('merge', 'other')).rejects.toThrow();

    await refused('repository: expected nothing half done, got MERGE_HEAD');
  });

  test('the description has other changes', async () => {
    place.put(
      FILE,
      textOf({
        dns: { replicas: 2 },
        nodes: { ...MINIMAL_SPEC.nodes, torch: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' } },
      }),
    );

    await refused(
      /description "clusters\/attic.json": expected no change since the last commit, got one|output "dist"/,
    );
  });

  test('the description has other changes beside the list', async () => {
    place.put(FILE, textOf({ ...DNS, retiring: ['coredns'], gitops: { ...MINIMAL_SPEC.gitops, revision: 'next' } }));

    await refused(/expected no change but to retiring since the last commit, got more|output "dist"/);
  });

  test('the description has no place that is known', async () => {
    place.put(FILE, JSON.stringify({ ...MINIMAL_SPEC, ...DNS }));
    await place.commitAll('on one line');

    await refused('expected a place for the list retiring, got none that is safe to edit');
  });

  test('somebody changed a file of dist that it would change', async () => {
    writeFileSync(join(place.folder, COREDNS), `${place.read(COREDNS)}# mine\n`);

    await refused('output "dist": expected what synth gives, got attic/coredns/deployment-coredns.yaml changed');
  });

  test('dist is not what synth gives in the last commit', async () => {
    writeFileSync(join(place.folder, COREDNS), `${place.read(COREDNS)}# mine\n`);
    await place.commitAll('not from synth');
    expect(await place.run(['synth'])).toMatchObject({ status: 0 });

    await refused(`output "${COREDNS}": expected in the last commit what synth gives, got something else`);
  });
});

test('a commit that a hook refuses leaves the files, nothing staged, and goes on when the hook lets it', async () => {
  const hook = join(place.folder, '.git/hooks/pre-commit');
  mkdirSync(join(hook, '..'), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\necho "not on a Friday" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  const first = await place.run(['retire', 'coredns', '--apply']);

  expect(first.stderr).toContain('git commit: not on a Friday; the files are written and not committed');
  expect(first.stderr).toContain(`git commit -- ${FILE} ${COREDNS}`);
  expect(first.status).toBe(2);
  expect(await place.git('diff', '--cached', '--name-only')).toBe('');

  chmodSync(hook, 0o644);
  expect(await place.run(['retire', 'coredns', '--apply'])).toMatchObject({ status: 0 });
  await expectFirstCommit();
});

async function expectFirstCommit(): Promise<void> {
  expect((await place.git('show', '--name-only', '--format=')).split('\n')).toEqual([FILE, COREDNS]);
  expect(await place.git('status', '--porcelain')).toBe('');
  // What goes, and the mark: no line moved.
  expect(await place.git('show', '--format=', '--unified=0', COREDNS)).not.toMatch(
    /^[+-] {2,4}(name|namespace|annotations):/m,
  );
  expect(place.read(COREDNS)).toContain('selfheal.dev/foreign: retiring');
  expect((await place.run(['synth', '--check'])).status).toBe(0);
}

/** Ends the program that calls it, without a word, at that command of Git; the command itself may still be done. */
function deadlyGit(command: string, how: 'before' | 'after'): Readonly<Record<string, string>> {
  const kill = 'kill -9 $PPID';
  const file = join(place.folder, '.git/deadly/git');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh
PATH=\${PATH#*:}
case " $* " in
  *" ${command} "*) ${how === 'before' ? `${kill}; exit 1` : `git "$@"; ${kill}`} ;;
esac
exec git "$@"
`,
  );
  chmodSync(file, 0o755);
  return { PATH: `${join(file, '..')}:${process.env.PATH}` };
}

describe('killed midway, the next call goes on:', () => {
  test('the files are written, and there is no commit', async () => {
    const { status } = await place.run(['retire', 'coredns', '--apply'], deadlyGit('commit', 'before'));
    expect(status).toBeNull();
    expect(await place.git('log', '--format=%s')).toBe('first');
    expect(place.read(COREDNS)).toContain('retiring');

    expect(await place.run(['retire', 'coredns', '--apply'])).toMatchObject({ status: 0 });
    await expectFirstCommit();
  });

  test('the commit is made', async () => {
    const { status } = await place.run(['retire', 'coredns', '--apply'], deadlyGit('commit', 'after'));
    expect(status).toBeNull();

    const { stdout } = await place.run(['retire', 'coredns', '--apply']);
    expect(stdout).toContain('coredns of attic: the first of two commits is made');
    await expectFirstCommit();
  });

  test('only the description is written', async () => {
    place.put(FILE, textOf({ retiring: ['coredns'], ...DNS }));

    expect(await place.run(['retire', 'coredns', '--apply'])).toMatchObject({ status: 0 });
    await expectFirstCommit();
  });

  test('dist was just being replaced', async () => {
    place.put(FILE, textOf({ retiring: ['coredns'], ...DNS }));
    mkdirSync(join(place.folder, 'dist.synth-abcdef'));
    renameSync(join(place.folder, 'dist'), join(place.folder, 'dist.synth-abcdef/old'));

    expect(await place.run(['retire', 'coredns', '--apply'])).toMatchObject({ status: 0 });
    await expectFirstCommit();
  });
});

describe('the second commit', () => {
  let server: FakeApiServer;
  /** The first commit. */
  let first: string;
  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    server.reset();
    expect(await place.run(['retire', 'coredns', '--apply'])).toMatchObject({ status: 0 });
    first = await place.git('rev-parse', 'HEAD');
    place.put(FILE, textOf({}));
  });

  const NODES = '/api/v1/nodes';
  const APPLICATION = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/selfheal-coredns';

  /** CoreDNS is not there, so that nothing of ours is on it; Argo CD has seen the revision, and cannot patch what is not. */
  const withNode = (name: string, revision = first, spec: object = {}): void => {
    const [application] = parseManifests(ARGO, place.read(ARGO));
    const answers = new Map<string, object>([
      [NODES, { kind: 'NodeList', metadata: {}, items: [{ metadata: { name } }] }],
      [
        '/apis',
        discoveryList(
          discovered('apps', 'v1', { Deployment: 'deployments' }),
          discovered('argoproj.io', 'v1alpha1', { Application: 'applications' }),
        ),
      ],
      [
        APPLICATION,
        {
          ...application,
          spec: { ...Object(application?.spec), ...spec },
          status: { sync: { status: 'OutOfSync', revision } },
        },
      ],
    ]);
    server.play = ({ path }, response) => {
      const answer = answers.get(path);
      return answer === undefined ? undefined : (json(response, 200, answer) ?? true);
    };
  };
  const withNodeAlone = (name: string): void => {
    withNode(name);
    const { play } = server;
    server.play = (question, response) => (question.path === NODES ? play(question, response) : undefined);
  };
  const live = () => ({ KUBECONFIG: server.kubeconfig() });
  const refused = (words: string | RegExp, environment: object = live(), status = 2) =>
    expectRefused([...LIVE, '--apply', '--timeout=2s'], words, environment, status);

  test('is made where nothing stands in the way', async () => {
    withNode('lamp');

    const said = await place.run([...LIVE, '--apply'], live());
    expect(said, said.stderr).toMatchObject({ status: 0 });
    expect(await place.git('status', '--porcelain')).toBe('');
    expect(await place.git('show', '--name-status', '--format=')).toContain(`D\t${COREDNS}`);
    expect((await place.run(['synth', '--check'])).status).toBe(0);
  });

  test('is refused without a context', async () => {
    await expectRefused(['retire', 'coredns', '--apply'], '--context: expected the name of a context, got none');
  });

  test('is refused where the context is none', async () => {
    await expectRefused(['retire', 'coredns', '--apply', '--context=tset'], /"tset"/, live());
  });

  test('is refused where the context is another cluster', async () => {
    withNode('candle');

    await refused('--context: expected the cluster attic with the nodes lamp, got "test" with candle');
  });

  test('is refused where nothing answers', async () => {
    const nowhere = { KUBECONFIG: server.kubeconfig(undefined, { server: 'https://127.0.0.1:1' }) };

    await refused('whether the first commit is live cannot be told, so the second must wait', nowhere);
  });

  test.each([
    ['the nodes', NODES, 2, 'cannot be told, so the second must wait'],
    // Its Application cannot be in step either, and that is known.
    ['the object', '/apis/apps/v1/namespaces/kube-system/deployments', 1, 'the second commit must wait'],
  ] as const)('is refused where %s may not be read', async (_, forbidden, status, words) => {
    withNode('lamp');
    const { play } = server;
    server.play = (question, response) =>
      question.path.startsWith(forbidden)
        ? (refuse(response, 403, 'Forbidden', 'may not be read') ?? true)
        : play(question, response);

    await refused(new RegExp(`unknown .*may not be read[\\s\\S]*${words}`), live(), status);
  });

  test.each([
    [
      'the first is not pushed',
      async () => withNode('lamp', await place.git('rev-parse', 'HEAD~1')),
      1,
      /fail .*expected a revision that holds the first commit/,
    ],
    [
      'Argo CD has a commit that is not here',
      () => withNode('lamp', 'c'.repeat(40)),
      2,
      /unknown .*which this repository does not have/,
    ],
    [
      'the Application reads another cluster',
      () => withNode('lamp', first, { source: {} }),
      1,
      /fail .*expected it to read repoURL/,
    ],
    ['there is no Argo CD', () => withNodeAlone('lamp'), 2, /unknown .*Application selfheal-coredns: /],
  ])('is refused where %s', async (_, given, status, words) => {
    await given();

    await refused(words, live(), status);
  });

  test('is refused while it is described without the first', async () => {
    await place.git('revert', '--no-edit', 'HEAD').catch(() => undefined);
    await place.git('checkout', '--quiet', '--', '.');
    await place.git('revert', '--no-edit', 'HEAD');
    place.put(FILE, textOf({}));

    await refused(
      'expected clusters/attic.json to describe it until the first commit is live, got a description without it',
    );
  });

  test('is refused where somebody changed a file of dist', async () => {
    withNode('lamp');
    writeFileSync(join(place.folder, COREDNS), `${place.read(COREDNS)}# mine\n`);

    await refused('output "dist": expected what synth gives, got attic/coredns/deployment-coredns.yaml');
  });

  test('is refused where something of what it commits is staged', async () => {
    withNode('lamp');
    await place.git('add', FILE);

    await refused(`index: expected nothing staged of what this commits, got ${FILE}`);
  });

  test('is gone on with after it was killed', async () => {
    withNode('lamp');
    const { status } = await place.run([...LIVE, '--apply'], { ...live(), ...deadlyGit('commit', 'before') });
    expect(status).toBeNull();
    expect(await place.git('log', '--format=%s')).toBe('attic: take back coredns\nfirst');

    expect(await place.run([...LIVE, '--apply'], live())).toMatchObject({ status: 0 });
    expect(await place.git('status', '--porcelain')).toBe('');
  });

  test('is said to be made when it is', async () => {
    withNode('lamp');
    expect(await place.run([...LIVE, '--apply'], live())).toMatchObject({ status: 0 });

    const { status, stdout } = await place.run([...LIVE, '--apply'], live());
    expect(stdout).toContain('coredns of attic: neither described nor in dist: there is nothing to take back');
    expect(status).toBe(0);
  });
});

describe('of two patches that are dropped at once', () => {
  const KEPT_OFF = {
    keepOff: [{ namespace: 'web', deployment: 'shop', nodes: ['lamp'], appliedBy: 'helm' }],
    nodes: { ...MINIMAL_SPEC.nodes, torch: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' } },
  };

  test.each([[['coredns']], [['coredns', 'keep-off']]])(
    'none goes by the second commit of the other, with %j taken back',
    async (retiring) => {
      place.put(FILE, textOf({ ...KEPT_OFF, ...DNS, retiring }));
      expect(await place.run(['synth'])).toMatchObject({ status: 0 });
      await place.commitAll('both');
      const { keepOff: _, ...rest } = KEPT_OFF;
      place.put(FILE, textOf(rest));

      await expectRefused(
        ['retire', 'coredns', '--apply', '--context=nowhere'],
        'expected one patch to go at a time, got coredns, keep-off',
      );
    },
  );
});
