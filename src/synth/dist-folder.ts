/**
 * `dist/` on disk: compared without writing, or replaced as a whole.
 *
 * The new tree is written beside the old one and takes its place by two renames. A folder that holds anything but
 * files of ours is never replaced.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import { HEADER } from '../manifest/yaml.js';

export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'changed' | 'stale';
}

/** What would change if the files were written, in the order of the paths. */
export function compareFolder(folder: string, files: Files): readonly Difference[] {
  const present = existsSync(folder) ? listFiles(folder) : [];
  const differences: Difference[] = [
    ...[...files].flatMap(([path, content]): Difference[] => {
      if (!present.includes(path)) return [{ path, kind: 'missing' }];
      return readFileSync(join(folder, path), 'utf8') === content ? [] : [{ path, kind: 'changed' }];
    }),
    ...present.filter((path) => !files.has(path)).map((path): Difference => ({ path, kind: 'stale' })),
  ];
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Makes the folder hold exactly the files.
 *
 * @throws OperatorError when the folder is a link or holds something that synth did not write; nothing is changed then.
 */
export function replaceFolder(folder: string, files: Files): void {
  const target = resolve(folder);
  const [next, previous] = [`${target}.next`, `${target}.previous`];
  if (!existsSync(target) && existsSync(previous)) renameSync(previous, target); // A run was stopped between the renames.
  refuseWhatIsNotOurs(target);

  for (const leftover of [next, previous]) {
    refuseWhatIsNotOurs(leftover);
    rmSync(leftover, { recursive: true, force: true });
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(next, path)), { recursive: true });
    writeFileSync(join(next, path), content);
  }
  if (existsSync(target)) renameSync(target, previous);
  renameSync(next, target);
  rmSync(previous, { recursive: true, force: true });
}

function refuseWhatIsNotOurs(folder: string): void {
  if (!existsSync(folder)) return;
  if (!lstatSync(folder).isDirectory()) {
    throw new OperatorError(`output '${folder}': expected a folder or nothing, got a link or a file`, [
      'name another folder with --out',
    ]);
  }
  const foreign = listFiles(folder).filter((path) => !isOurs(join(folder, path)));
  if (foreign.length > 0) {
    throw new OperatorError(
      `output '${folder}': expected only files that synth wrote, got ${foreign
        .slice(0, 3)
        .map((path) => JSON.stringify(path))
        .join(', ')}${foreign.length > 3 ? ` and ${foreign.length - 3} more` : ''}`,
      ['move them elsewhere, or name another folder with --out: this one is replaced as a whole'],
    );
  }
}

const isOurs = (path: string): boolean =>
  path.endsWith('.yaml') && lstatSync(path).isFile() && readFileSync(path, 'utf8').startsWith(HEADER);

/** Everything below the folder that is not itself a folder, `/`-separated and sorted. */
function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
