/**
 * A folder of files as Argo CD reads it.
 *
 * What cannot be read is a problem only where Argo CD would read it, or where it is plainly meant as a manifest: a
 * repository holds values of charts, templates and the CI's own YAML as well.
 */
import { posix } from 'node:path';
import { isPlainObject } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import type { Manifest } from '../manifest/manifest.js';
import { type ReadManifests, readManifests } from '../manifest/read.js';
import { type DirectoryOptions, isWithin, manifestFiles, type Paths, rendererOf } from './directory.js';
import { syncPolicyOf } from './sync-policy.js';
import { isApplication, type SyncedApplication, type SyncedObject, type Tree } from './tree.js';

/**
 * `root` is the folder's path in its repository: the paths of Applications begin there.
 *
 * @throws OperatorError with everything that cannot be read.
 */
export function readTree(files: Files, root: string): Tree {
  const read = new Map([...files].map(([file, text]) => [file, readFile(file, text)] as const));
  const { tree, claimed, isTemplate } = treeWith(read, root);
  const problems = [...read].flatMap(([file, { problems: own }]) =>
    claimed.has(file) || (!isTemplate(file) && isMeantAsManifest(files.get(file) ?? '')) ? own : [],
  );
  if (problems.length > 0) {
    throw new OperatorError(
      `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in the manifests`,
      problems,
    );
  }
  return tree;
}

/** The same for files that were never written: one manifest each. */
export const treeOf = (files: ReadonlyMap<string, Manifest>, root: string): Tree =>
  treeWith(new Map([...files].map(([file, manifest]) => [file, { manifests: [manifest], problems: [] }])), root).tree;

interface Claimed {
  readonly tree: Tree;
  /** The files that an Application reads. */
  readonly claimed: ReadonlySet<string>;
  readonly isTemplate: (file: string) => boolean;
}

function treeWith(read: ReadonlyMap<string, ReadManifests>, root: string): Claimed {
  const folders = [...read.keys()].filter((file) => file.endsWith('Chart.yaml')).map((file) => file.slice(0, -11));
  const isTemplate = (file: string): boolean => folders.some((folder) => file.startsWith(`${folder}/`));
  const found = [...read].flatMap(([file, { manifests }]) =>
    isTemplate(file)
      ? []
      : manifests.filter(isApplication).map((manifest) => applicationOf({ file, manifest }, read, root)),
  );

  const claimed = new Set(found.flatMap(({ files: own }) => own));
  const applications = found.map(({ application }) => ({ ...application, cluster: clusterOf(application, found) }));
  const rendered = found.flatMap(({ application: { notRendered, folder } }) =>
    notRendered !== null && folder !== null ? [folder] : [],
  );
  const unclaimed = [...read].flatMap(([file, { manifests }]) =>
    claimed.has(file) || isTemplate(file) || rendered.some((folder) => isWithin(folder, file))
      ? []
      : manifests.map((manifest) => ({ file, manifest })),
  );
  const tree = {
    applications: applications.sort((a, b) => (`${a.cluster}/${a.name}` < `${b.cluster}/${b.name}` ? -1 : 1)),
    unclaimed,
  };
  return { tree, claimed, isTemplate };
}

/** Argo CD's own words by which a file is left alone. */
const SKIPPED = '# +argocd:skip-file-rendering';

const NOTHING: ReadManifests = { manifests: [], problems: [] };

function readFile(file: string, text: string): ReadManifests {
  if (/(^|\/)(Chart|kustomization)\.ya?ml$|jsonnet$|(^|\/)Kustomization$/.test(file) || text.includes(SKIPPED))
    return NOTHING;
  const read = readManifests(file, text);
  // Argo CD passes over what has no object in it and does not look like one.
  return read.manifests.length === 0 && !looksLikeManifest(text) ? NOTHING : read;
}

const looksLikeManifest = (text: string): boolean =>
  ['apiVersion:', 'kind:', 'metadata:'].every((word) => text.includes(word));

const isMeantAsManifest = (text: string): boolean => looksLikeManifest(text) && !text.includes('{{');

/** An Application without a folder is where the one is that syncs it, or those are that stand beside it. */
const clusterOf = ({ cluster, folder, source }: SyncedApplication, found: readonly FoundApplication[]): string =>
  folder === null
    ? ((
        found.find(({ files }) => files.includes(source.file)) ??
        found.find(
          ({ application }) =>
            posix.dirname(application.source.file) === posix.dirname(source.file) && application.folder,
        )
      )?.application.cluster ?? cluster)
    : cluster;

interface FoundApplication {
  readonly application: SyncedApplication;
  /** The files that it reads. */
  readonly files: readonly string[];
}

function applicationOf(source: SyncedObject, read: ReadonlyMap<string, ReadManifests>, root: string): FoundApplication {
  const { manifest } = source;
  const spec = isPlainObject(manifest.spec) ? manifest.spec : {};
  const sources = (Array.isArray(spec.sources) && spec.sources.length > 0 ? spec.sources : [spec.source]).map((each) =>
    sourceOf(each, read, root),
  );
  const folders = sources.flatMap(({ folder }) => (folder === null ? [] : [folder]));
  const own = [...new Set(sources.flatMap((each) => each.files))];
  const reasons = sources.flatMap(({ notRendered }) => (notRendered === null ? [] : [notRendered]));
  const application: SyncedApplication = {
    cluster: sharedFolder(source.file, folders[0]),
    name: manifest.metadata.name,
    namespace: manifest.metadata.namespace ?? 'argocd',
    folder: folders[0] ?? null,
    notRendered: reasons.length === 0 ? null : reasons.join(', '),
    policy: syncPolicyOf(manifest),
    source,
    objects: own.flatMap((file) =>
      (read.get(file)?.manifests ?? []).map((each): SyncedObject => ({ file, manifest: each })),
    ),
  };
  return { application, files: own };
}

interface Source {
  readonly folder: string | null;
  readonly notRendered: string | null;
  readonly files: readonly string[];
}

function sourceOf(source: unknown, files: Paths, root: string): Source {
  if (!isPlainObject(source)) return { folder: null, notRendered: 'no source', files: [] };
  const { chart, path, targetRevision, repoURL, ref, plugin } = source;
  const from = `${text(repoURL) || 'an unnamed repository'}`;
  if (text(chart) !== '') {
    return { folder: null, notRendered: `chart ${text(chart)} ${text(targetRevision)}`.trim(), files: [] };
  }
  // Only values of another source are taken from it.
  if (text(path) === '' && text(ref) !== '') return { folder: null, notRendered: null, files: [] };
  const folder = folderIn(root, text(path) === '' ? '.' : text(path));
  if (folder === null || ![...files.keys()].some((file) => isWithin(folder, file)))
    return { folder: null, notRendered: `folder ${text(path)} of ${from}, which is not in this tree`, files: [] };
  const renderer = plugin === undefined ? rendererOf(files, folder) : 'plug-in';
  if (renderer !== null) return { folder, notRendered: `${renderer} in ${text(path)}`, files: [] };
  const read = manifestFiles(files, folder, directoryOf(source.directory));
  const jsonnet = read.some((file) => file.endsWith('jsonnet'));
  return { folder, notRendered: jsonnet ? `Jsonnet in ${text(path)}` : null, files: read };
}

function directoryOf(directory: unknown): DirectoryOptions {
  const { recurse, include, exclude } = isPlainObject(directory) ? directory : {};
  return { recurse: recurse === true, include: text(include), exclude: text(exclude) };
}

/** A path of the repository as one of the folder; null where it lies outside. */
function folderIn(root: string, path: string): string | null {
  const plain = path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  if (plain === root) return '';
  if (root === '') return plain;
  return plain.startsWith(`${root}/`) ? plain.slice(root.length + 1) : null;
}

/** Clusters side by side each have a folder. */
function sharedFolder(file: string, folder: string | undefined): string {
  const [first = '', ...rest] = file.split('/');
  return rest.length > 0 && folder?.startsWith(`${first}/`) ? first : '';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
