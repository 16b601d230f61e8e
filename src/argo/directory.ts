/** Which files of a folder Argo CD reads as manifests, and whether it reads them as they stand. */

/** Files by their paths, whatever is known of their content. */
export type Paths = ReadonlyMap<string, unknown>;

export interface DirectoryOptions {
  readonly recurse: boolean;
  /** Patterns; empty: every file, or none. */
  readonly include: string;
  readonly exclude: string;
}

/** Why the folder is rendered and not read: Argo CD finds a Helm chart first, then Kustomize. Null: it is read. */
export function rendererOf(files: Paths, folder: string): string | null {
  if (files.has(within(folder, 'Chart.yaml'))) return 'Helm chart';
  const kustomize = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
  return kustomize.some((name) => files.has(within(folder, name))) ? 'Kustomize' : null;
}

/** Manifests of the folder, in the order of their paths. */
export function manifestFiles(files: Paths, folder: string, options: DirectoryOptions): readonly string[] {
  const [include, exclude] = [matcherOf(options.include), matcherOf(options.exclude)];
  return [...files.keys()].filter((path) => {
    if (!isWithin(folder, path) || !/\.(ya?ml|json|jsonnet)$/.test(path)) return false;
    const below = folder === '' ? path : path.slice(folder.length + 1);
    if (!options.recurse && below.includes('/')) return false;
    return (options.include === '' || include.test(below)) && (options.exclude === '' || !exclude.test(below));
  });
}

export const within = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

export const isWithin = (folder: string, path: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** A star takes slashes too: that is how Argo CD reads its patterns. */
function matcherOf(pattern: string): RegExp {
  let depth = 0;
  const source = [...pattern.matchAll(/\\.|\[!?[^\]]*\]|\*+|./gs)].map(([part]) => {
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    if (part.length > 1 && part.startsWith('[')) return part.replace('[!', '[^');
    if (part === '{') return ++depth > 0 ? '(?:' : '';
    if (part === '}' && depth > 0) return --depth >= 0 ? ')' : '';
    if (part === ',' && depth > 0) return '|';
    return part.replace(/^\\/, '').replaceAll(/[.+^$()|[\]{}\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}${')'.repeat(depth)}$`, 's');
}
