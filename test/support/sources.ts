/** The project's own files, for rules over all of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, in order. */
export const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** The code alone: comments may tell what happened, and to whom. */
export function withoutComments(path: string): string {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.ts')
    ? text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')
    : text.replaceAll(/^\s*#.*$/gm, '');
}
