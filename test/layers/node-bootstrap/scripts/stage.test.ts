import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'; // biome-ignore format: one line
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { contentHash } from '../../../../src/layers/node-bootstrap/content-hash.js';
import { describeWith } from '../../../support/tools.js';

const SCRIPT = resolve('src/layers/node-bootstrap/scripts/stage.sh');
const PAYLOAD = new Map([['converge.sh', '#!/bin/sh\n'], ['host_etc_x', 'x\n'], ['plan', 'end\n']]); // biome-ignore format: pairs
const HASH = contentHash(PAYLOAD);

/** A pod with busybox alone, the payload mounted as the kubelet mounts a ConfigMap: links into a hidden folder. */
class Pod {
  readonly folder = mkdtempSync(join(tmpdir(), 'stage-'));
  readonly target = join(this.folder, 'host/bootstrap');

  constructor(private readonly shell: readonly string[]) {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    mkdirSync(join(this.folder, 'bin'));
    for (const applet of ['sh', 'sha256sum', 'timeout', 'cut', 'mkdir', 'cp', 'rm', 'mv']) {
      symlinkSync('/bin/busybox', join(this.folder, 'bin', applet));
    }
    mkdirSync(join(this.folder, 'host'));
    this.mount(PAYLOAD);
  }

  mount(payload: ReadonlyMap<string, string>): void {
    const mounted = join(this.folder, 'payload');
    rmSync(mounted, { recursive: true, force: true });
    mkdirSync(join(mounted, '..2026'), { recursive: true });
    symlinkSync('..2026', join(mounted, '..data'));
    for (const [key, content] of payload) {
      writeFileSync(join(mounted, '..2026', key), content);
      symlinkSync(`..data/${key}`, join(mounted, key));
    }
  }

  /** Runs the script with a program that notes that it ran and ends with the status. */
  run(status = 0, environment: Readonly<Record<string, string>> = {}) {
    const [shell = '', ...words] = this.shell;
    const program = ['sh', '-c', `printf ran >'${this.folder}/ran'; exit ${status}`];
    return spawnSync(shell, [...words, SCRIPT, ...program], {
      encoding: 'utf8',
      env: {
        PATH: join(this.folder, 'bin'),
        STAGE_CONTENT_SHA256: HASH,
        STAGE_PAYLOAD: join(this.folder, 'payload'),
        STAGE_TARGET: this.target,
        STAGE_TIMEOUT: '5',
        ...environment,
      },
    });
  }

  get ran(): boolean {
    return existsSync(join(this.folder, 'ran'));
  }

  get staged(): Readonly<Record<string, string>> | null {
    const folder = join(this.target, 'payload');
    if (!existsSync(folder)) return null;
    return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  }
}

describeWith(['busybox', 'dash'], 'stage.sh', () => {
  describe.each([
    ['busybox sh', ['/bin/busybox', 'sh']],
    ['dash', ['/bin/dash']],
  ])('under %s', (_, shell) => {
    test('does not run the program with a payload of another content, so that the kubelet tries again', () => {
      const pod = new Pod(shell);
      pod.mount(new Map([...PAYLOAD, ['plan', 'older\nend\n']]));

      const { status, stderr } = pod.run();

      expect(status).toBe(2);
      expect(stderr).toContain(`expected content ${HASH}, got `);
      expect(pod.ran).toBe(false);
      expect(pod.staged).toBeNull();
    });

    test('does not touch what was staged before when the payload is of another content', () => {
      const pod = new Pod(shell);
      pod.run();
      const newer = new Map([...PAYLOAD, ['plan', 'newer\nend\n']]);

      const { status } = pod.run(0, { STAGE_CONTENT_SHA256: contentHash(newer) });

      expect(status).toBe(2);
      expect(pod.staged).toEqual(Object.fromEntries(PAYLOAD));
    });

    test('stages the payload and nothing else, then runs the program', () => {
      const pod = new Pod(shell);

      const { status, stderr } = pod.run();

      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(pod.ran).toBe(true);
      expect(pod.staged).toEqual(Object.fromEntries(PAYLOAD));
      expect(readdirSync(pod.target)).toEqual(['payload']);
    });

    test('does not write again what is staged already', () => {
      const pod = new Pod(shell);
      pod.run();
      const before = statSync(join(pod.target, 'payload'), { bigint: true });

      pod.run();

      const after = statSync(join(pod.target, 'payload'), { bigint: true });
      expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
    });

    test.each([
      ['a file that was changed on the host', (staged: string) => writeFileSync(join(staged, 'plan'), 'changed\n')],
      ['a file that does not belong there', (staged: string) => writeFileSync(join(staged, 'extra'), '')],
      ['a folder that a kill left half empty', (staged: string) => rmSync(join(staged, 'plan'))],
    ])('stages anew over %s', (_, damage) => {
      const pod = new Pod(shell);
      pod.run();
      damage(join(pod.target, 'payload'));

      pod.run();

      expect(pod.staged).toEqual(Object.fromEntries(PAYLOAD));
    });

    test.each<[string, string, readonly string[]]>([
      ['forgets', 'selfheal-plan 1\nend\n', ['files', 'payload']],
      ['keeps', 'selfheal-plan 1\non-drift report\nend\n', ['files', 'ours-files', 'payload']],
    ])('%s what is recorded as ours when the payload of before has the plan %j', (_word, plan, left) => {
      const pod = new Pod(shell);
      mkdirSync(join(pod.target, 'payload'), { recursive: true });
      writeFileSync(join(pod.target, 'payload/plan'), plan);
      for (const kind of ['files', 'ours-files']) {
        mkdirSync(join(pod.target, kind));
        writeFileSync(join(pod.target, kind, '%etc%x'), 'x\n');
      }

      pod.run();

      expect(readdirSync(pod.target)).toEqual(left);
      expect(pod.staged).toEqual(Object.fromEntries(PAYLOAD));
    });

    test.each([
      [0, 0],
      [3, 0],
      [1, 1],
      [2, 2],
      [127, 2],
    ])('turns status %i of the program into %i', (from, to) => {
      expect(new Pod(shell).run(from).status).toBe(to);
    });

    test('ends a program that hangs', () => {
      const pod = new Pod(shell);
      const program = ['sh', '-c', 'while :; do :; done'];

      const { status } = spawnSync(shell[0] ?? '', [...shell.slice(1), SCRIPT, ...program], {
        env: {
          PATH: join(pod.folder, 'bin'),
          STAGE_CONTENT_SHA256: HASH,
          STAGE_PAYLOAD: join(pod.folder, 'payload'),
          STAGE_TARGET: pod.target,
          STAGE_TIMEOUT: '1',
        },
      });

      expect(status).toBe(2);
    });

    test.each([
      ['STAGE_CONTENT_SHA256', ''],
      ['STAGE_CONTENT_SHA256', 'abc'],
      ['STAGE_CONTENT_SHA256', 'G'.repeat(64)],
      ['STAGE_TARGET', 'relative'],
      ['STAGE_TARGET', '/'],
      ['STAGE_PAYLOAD', '/nowhere'],
    ])('refuses %s=%j', (name, value) => {
      const pod = new Pod(shell);

      const { status, stderr } = pod.run(0, { [name]: value });

      expect(status).toBe(1);
      expect(stderr).toContain(`${name}`);
      expect(pod.ran).toBe(false);
    });

    test.each(['', '/payload', '/payload.new'])('refuses a link at its target%s', (part) => {
      const pod = new Pod(shell);
      const elsewhere = join(pod.folder, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, 'kept'), '');
      if (part !== '') mkdirSync(pod.target);
      symlinkSync(elsewhere, `${pod.target}${part}`);

      const { status, stderr } = pod.run();

      expect(status).toBe(2);
      expect(stderr).toContain('expected no symbolic link');
      expect(readdirSync(elsewhere)).toEqual(['kept']);
      expect(pod.ran).toBe(false);
    });
  });
});
