/** Scripts are files beside their layer; TypeScript only carries them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Returns the exact bytes of `src/layers/<layer>/scripts/<name>`.
 *
 * The package's root is the nearest folder above with a package.json: the same whether this runs from the source, from
 * the compiled library or from the bundled command.
 */
export function readScript(layer: string, name: string): string {
  return readFileSync(new URL(`src/layers/${layer}/scripts/${name}`, packageRoot()), 'utf8');
}

/** The paths of a layer's scripts whose name ends so, for a program that runs them itself. */
export function scriptPaths(layer: string, folder: string, ending: string): readonly string[] {
  const url = new URL(`src/layers/${layer}/scripts/${folder}/`, packageRoot());
  return readdirSync(url)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => fileURLToPath(new URL(name, url)));
}

/** The program of a roll from inside the cluster, which the build makes of the same sources. */
export function readRollProgram(): string {
  const url = new URL(ROLL_PROGRAM, packageRoot());
  if (!existsSync(url)) throw new Error(`${ROLL_PROGRAM}: expected what the build makes, got none: npm run prepare`);
  return readFileSync(url, 'utf8');
}

const ROLL_PROGRAM = 'build/roll/rolling-reboot.cjs';

/** The content of every script of every layer, in a fixed order, and of what else manifests carry. */
export function everyScript(): readonly Buffer[] {
  const layers = new URL('src/layers/', packageRoot());
  const scripts = readdirSync(layers, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && `${entry.parentPath}/`.includes('/scripts/'))
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .sort()
    .map((path) => readFileSync(path));
  const program = new URL(ROLL_PROGRAM, packageRoot());
  return existsSync(program) ? [...scripts, readFileSync(program)] : scripts;
}

function packageRoot(): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const parent = new URL('..', folder);
    if (parent.href === folder.href)
      throw new Error(`package root of '${import.meta.url}': expected a package.json above it, got none`);
    folder = parent;
  }
  return folder;
}
