/** `selfheal vet` in a real repository. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/commands/run.js';
import type { Files } from '../../src/manifest/layout.js';
import { configMap, filesOf, object, options, type Side, STAYS } from '../ops/vet/example.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-vet-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=me', '-c', 'user.email=me@example.org', ...args], {
    encoding: 'utf8',
  });

function write(side: Side): void {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const files: Files = filesOf(side);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, 'dist', path)), { recursive: true });
    writeFileSync(join(folder, 'dist', path), text);
  }
}

function commit(side: Side): void {
  write(side);
  git('add', '--all');
  git('commit', '--quiet', '--message=change');
}

async function vet(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    exists: () => false,
    environment: {},
    monotonic: () => 0,
    takeSignals: () => () => undefined,
  };
  const status = await run(['vet', '--dist', join(folder, 'dist'), ...args], io);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

const CLAIM = object('v1', 'PersistentVolumeClaim', 'data', { spec: {} });
const MEANT = 'removed-claim:PersistentVolumeClaim tools/data';
const MISSPELT = configMap('stays', undefined, options('Prune=flase'));

describe('a change', () => {
  beforeEach(() => commit({ objects: [STAYS, CLAIM] }));

  test('that is none ends with 0', async () => {
    const { status, out } = await vet();

    expect(status).toBe(0);
    expect(out).toMatch(/^0 errors, 0 warnings: from HEAD to .*dist$/);
  });

  test('on the disk is found before it is committed, all of it, with file, line, reason and mend', async () => {
    write({ objects: [MISSPELT] });

    const { status, out } = await vet();

    expect(status).toBe(1);
    expect(out).toContain('error removed-claim: attic: things: PersistentVolumeClaim tools/data: expected it to stay');
    expect(out).toContain('dist/attic/things/1-persistentvolumeclaim-data.yaml:2 of HEAD');
    expect(out).toContain('error unknown-sync-option: attic: things: ConfigMap tools/stays: expected a sync option');
    expect(out).toContain('dist/attic/things/0-configmap-stays.yaml:8');
    expect(out).toMatch(/^ {2}why: A re-installation took the namespaces/m);
    expect(out).toMatch(/^ {2}mend: keep the file with the annotation/m);
    expect(out).toMatch(/^2 errors, 0 warnings: /m);
  });

  test('of a branch is held against where it parted, not against what others did since', async () => {
    git('switch', '--quiet', '--create=branch');
    commit({ objects: [STAYS, CLAIM, configMap('mine')] });
    git('switch', '--quiet', 'main');
    commit({ objects: [STAYS, CLAIM, configMap('theirs')], others: [] });
    commit({ objects: [STAYS, CLAIM, configMap('theirs'), object('v1', 'Secret', 'key')] });

    const { status, out } = await vet('--base', 'main', '--head', 'branch');

    expect(status).toBe(0);
    expect(out).toBe('0 errors, 0 warnings: from main to branch');
  });

  test('that is accepted is shown, and ends with 0', async () => {
    write({});

    const { status, out } = await vet('--accept', MEANT);

    expect(status).toBe(0);
    expect(out).toContain('accepted removed-claim: attic: things: PersistentVolumeClaim tools/data: ');
    expect(out).toMatch(/^0 errors, 0 warnings, 1 accepted: /m);
  });

  test.each([
    [MEANT, `--accept: expected a finding (this rule has none), got "${MEANT}"`],
    ['removed-clam:x', '--accept: expected RULE:OBJECT, got "removed-clam:x"; did you mean "removed-claim"?'],
  ])('that is accepted and not found is refused: %s', async (text, message) => {
    const { status, err } = await vet('--accept', text);

    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});

describe('the outputs', () => {
  beforeEach(() => {
    commit({ objects: [STAYS, CLAIM] });
    write({ objects: [MISSPELT] });
  });

  test('json names each finding with all that is known of it', async () => {
    const { out } = await vet('-o', 'json', '--accept', MEANT);

    expect(JSON.parse(out)).toMatchObject({
      base: 'HEAD',
      findings: [
        { rule: 'unknown-sync-option', accepted: false, file: 'dist/attic/things/0-configmap-stays.yaml', line: 8 },
        {
          rule: 'removed-claim',
          severity: 'error',
          accepted: true,
          object: 'PersistentVolumeClaim tools/data',
          line: 2,
          side: 'base',
        },
      ],
    });
  });

  test('markdown cannot be broken by what is found', async () => {
    const { out } = await vet('-o', 'markdown');

    expect(out).toMatch(/^### 2 errors, 0 warnings: /);
    expect(out).toContain('**error: unknown-sync-option**');
    expect(out).toContain('- `attic: things: ConfigMap tools/stays`: expected a sync option');
  });

  test('sarif says where each finding stands, and what of it is accepted', async () => {
    const { out } = await vet('-o', 'sarif', '--accept', MEANT);

    expect(JSON.parse(out)).toMatchObject({
      runs: [
        {
          results: [
            {
              ruleId: 'unknown-sync-option',
              level: 'error',
              suppressions: [],
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'dist/attic/things/0-configmap-stays.yaml' },
                    region: {
                      startLine: 8,
                      startColumn: 1,
                      endLine: 8,
                      endColumn: '    argocd.argoproj.io/sync-options: Prune=flase'.length + 1,
                    },
                  },
                },
              ],
            },
            { ruleId: 'removed-claim', level: 'note', suppressions: [{ kind: 'external' }] },
          ],
        },
      ],
    });
  });

  test('a fingerprint stays the same when another finding comes', async () => {
    const prints = async (): Promise<unknown> => {
      const { out } = await vet('-o', 'json');
      const { findings } = JSON.parse(out);
      return findings.find(({ rule }: { rule: string }) => rule === 'unknown-sync-option').fingerprint;
    };
    const before = await prints();

    write({
      objects: [{ ...MISSPELT, data: { key: '2' } }],
      others: [object('v1', 'Pod', 'new', { spec: { hostPID: true } })],
    });

    expect(await prints()).toBe(before);
  });
});

describe('what it cannot tell ends with 2', () => {
  test.each([
    [['--base', 'nowhere'], 'commit "nowhere": expected a branch, a tag or a commit'],
    [['-o', 'xml'], '--output: expected one of text, markdown, json, sarif, got "xml"'],
    [['--context', 'attic'], '--context: expected --live with it, got it alone'],
    [['--live'], '--context: expected the name of a context, got none'],
    [['--prune-share', '101'], '--prune-share: expected a whole number of at most 100, got "101"'],
  ])('%j', async (args, message) => {
    commit({});

    const { status, err } = await vet(...args);

    expect(status).toBe(2);
    expect(err).toContain(message);
  });

  test('a manifest that is no YAML', async () => {
    commit({});
    writeFileSync(join(folder, 'dist/attic/things/broken.yaml'), 'apiVersion: v1\nkind: [\nmetadata:\n');

    const { status, err } = await vet();

    expect(status).toBe(2);
    expect(err).toContain('attic/things/broken.yaml');
  });
});
