/** What was worked out before, below the nearest node_modules: JSON that may be missing, cut short or from another time. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Where something about a file is kept, or nowhere. */
export function cachePath(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules)) {
      const name = relative(folder, resolve(file)).replaceAll(/[^A-Za-z0-9.]+/g, '-');
      return join(modules, '.cache', 'selfheal', `${name}.json`);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** What is kept there, if it is what the caller takes. */
export function readKept<T>(path: string, isKept: (value: unknown) => value is T): T | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isKept(kept) ? kept : undefined;
  } catch {
    // Missing or cut short: worked out anew.
    return undefined;
  }
}

export function keep(path: string, kept: object): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}`;
    writeFileSync(temporary, JSON.stringify(kept));
    renameSync(temporary, path);
  } catch {
    // A read-only checkout: the next run works it out again.
  }
}
