/** A host that a script can be run on for real: stub programs on an otherwise empty PATH, folders of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the stubs were called with, in order: the name and its arguments. */
  readonly calls: readonly string[];
}

export interface FakeHost {
  readonly folder: string;
  /** Absolute path of a file below the host's folder. */
  readonly path: (name: string) => string;
  /** Puts a stub on the PATH, in the place of what was there by that name. */
  readonly stub: (name: string, body: string) => void;
  readonly write: (name: string, content: string) => void;
  readonly read: (name: string) => string;
  readonly has: (name: string) => boolean;
  readonly run: (program: string, env: Readonly<Record<string, string>>, args?: readonly string[]) => Outcome;
}

/** `real` are programs of this machine that the script may use, `stubs` are bash bodies by program name. */
export function fakeHost(real: readonly string[], stubs: Readonly<Record<string, string>>): FakeHost {
  const folder = mkdtempSync(join(tmpdir(), 'fake-host-'));
  // What a script left behind may write there for a moment more.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const path = (name: string) => join(folder, name);
  const calls = path('calls');
  mkdirSync(path('bin'));
  for (const name of ['bash', ...real]) symlinkSync(locate(name), path(`bin/${name}`));
  const stub = (name: string, body: string) => {
    const text = `#!${locate('bash')}\nprintf '%s\\n' "${name}\${*:+ $*}" >>'${calls}'\n${body}\n`;
    // A link may stand there, and writing through it would replace this machine's own program.
    rmSync(path(`bin/${name}`), { force: true });
    writeFileSync(path(`bin/${name}`), text, { mode: 0o755 });
  };
  for (const [name, body] of Object.entries(stubs)) stub(name, body);

  return {
    folder,
    path,
    stub,
    write: (name, content) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      rmSync(path(name), { force: true });
      writeFileSync(path(name), content);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    has: (name) => existsSync(path(name)),
    run: (program, env, args = []) => {
      rmSync(calls, { force: true });
      const { status, stdout, stderr } = spawnSync(program, args, {
        env: { PATH: path('bin'), HOME: folder, TMPDIR: folder, ...env },
        encoding: 'utf8',
        timeout: 120_000,
      });
      const made = existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : [];
      return { status, stdout, stderr, calls: made };
    },
  };
}

function locate(name: string): string {
  const folder = (process.env.PATH ?? '').split(':').find((entry) => existsSync(join(entry, name)));
  if (folder === undefined) throw new Error(`program '${name}': expected it on the PATH, got nothing`);
  return join(folder, name);
}

/** The environment variables that the header of a script tells of. */
export function headerVariables(script: string): readonly string[] {
  const header = script.slice(0, script.indexOf('\nset -'));
  return [...header.matchAll(/^# {3}([A-Z][A-Z0-9_]+) /gm)].map(([, name]) => name ?? '');
}
