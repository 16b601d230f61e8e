/** Reads kubeconfig files and picks the context that was named. Nothing of their content is ever printed but names. */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, resolve } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import {
  type Cluster,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { didYouMean, isPlainObject, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';

/** What the files say of one context. */
export interface Chosen {
  /** With the context as the current one. */
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly user: User;
  /** Who we ask to be, beside the user that client-node knows of. */
  readonly impersonatedGroups: readonly string[];
}

interface Entries {
  readonly contexts: KubeConfig['contexts'];
  readonly clusters: KubeConfig['clusters'];
  readonly users: readonly UserEntry[];
}

interface UserEntry {
  readonly name: string;
  readonly user: User;
  readonly impersonatedGroups: readonly string[];
}

/** @throws OperatorError when there is no file, none has the context, or one of them cannot be read. */
export function chooseContext(files: string, context: string): Chosen {
  // kubectl leaves out a file that is not there, too; what is missing then is the context.
  const there = files.split(delimiter).filter((file) => file !== '' && existsSync(file));
  if (there.length === 0)
    throw new OperatorError(`kubeconfig '${files}': expected a file, got none`, [
      'name it with --kubeconfig or in $KUBECONFIG; on a node, k3s has it in /etc/rancher/k3s/k3s.yaml, and `microk8s config` prints it',
    ]);
  const { contexts, clusters, users } = mergeFiles(there);
  const names = contexts.map(({ name }) => name);
  const chosen = contexts.find(({ name }) => name === context);
  if (chosen === undefined) {
    const known = names.length === 0 ? 'there is no context' : names.join(', ');
    throw new OperatorError(
      `--context: expected one of ${files} (${known}), got ${show(context)}${didYouMean(context, names)}`,
    );
  }
  const cluster = clusters.find(({ name }) => name === chosen.cluster);
  if (cluster === undefined) throw missing(context, 'cluster', chosen.cluster, clusters);
  if (!/^https?:$/.test(URL.canParse(cluster.server) ? new URL(cluster.server).protocol : ''))
    throw new OperatorError(
      `context '${context}': expected the address of its API server, e.g. "https://192.0.2.10:6443", got ${show(cluster.server)}`,
    );
  // A context without a user is one for everybody, as to kubectl.
  const nobody: UserEntry = { name: '', user: { name: '' }, impersonatedGroups: [] };
  const entry = chosen.user === undefined ? nobody : users.find(({ name }) => name === chosen.user);
  if (entry === undefined) throw missing(context, 'user', chosen.user, users);

  const config = new KubeConfig();
  config.contexts = [{ ...chosen, user: entry.name }];
  config.clusters = [cluster];
  config.users = [entry.user];
  config.setCurrentContext(context);
  return { config, cluster, user: entry.user, impersonatedGroups: entry.impersonatedGroups };
}

const missing = (context: string, what: string, name: string, known: readonly { readonly name: string }[]) =>
  new OperatorError(
    `context '${context}': expected a ${what} that the kubeconfig has (${known.map((one) => one.name).join(', ')}), got ${show(name)}`,
  );

/** As kubectl does: the first file that names a context, a cluster or a user is the one that counts. */
function mergeFiles(files: readonly string[]): Entries {
  const read = files.map(readFile);
  return {
    contexts: firstOfEach(read.flatMap(({ contexts }) => contexts)),
    clusters: firstOfEach(read.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(read.flatMap(({ users }) => users)),
  };
}

const firstOfEach = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);

function readFile(file: string): Entries {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8')) ?? {};
    if (!isPlainObject(content)) throw new Error('expected a mapping');
    const config = new KubeConfig();
    config.contexts = newContexts(content.contexts);
    config.clusters = newClusters(content.clusters);
    config.users = newUsers(content.users);
    config.makePathsAbsolute(dirname(file));
    const raw = Array.isArray(content.users) ? content.users.filter(isPlainObject) : [];
    const users = config.users.map((user) => {
      const said = raw.find(({ name }) => name === user.name)?.user;
      return readUser(user, isPlainObject(said) ? said : {}, dirname(file));
    });
    return { contexts: config.contexts, clusters: config.clusters, users };
  } catch {
    // The reason is not shown: a YAML reader quotes the lines around an error, and one of them may be a token.
    throw new OperatorError(`kubeconfig '${file}': expected one that kubectl can read, got something else`, [
      `kubectl --kubeconfig ${file} config view`,
    ]);
  }
}

/** What client-node does not read: `tokenFile` (it knows another spelling), groups, and a plug-in's folder. */
function readUser(user: User, said: Readonly<Record<string, unknown>>, folder: string): UserEntry {
  const { tokenFile } = said;
  const groups = said['as-groups'];
  const fromFile =
    typeof tokenFile === 'string' && tokenFile !== ''
      ? { token: undefined, authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, tokenFile) } } }
      : {};
  return {
    name: user.name,
    user: { ...user, ...fromFile },
    impersonatedGroups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  };
}
