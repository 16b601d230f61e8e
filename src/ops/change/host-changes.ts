/**
 * What a change does on the hosts: read from the ConfigMaps that node-bootstrap brings there.
 *
 * node-bootstrap reboots nothing and restarts no Kubernetes service. What waits for either is said here beforehand, as
 * its pod says it afterwards (`pending`).
 */
import type { Tree } from '../../argo/tree.js';
import { dataOf } from '../../guardrails/workloads.js';
import { at, listAt, textAt } from '../../manifest/json.js';
import { type Placed, placedIn } from './placed.js';
import { nodesOf } from './rollout.js';

export interface HostChange {
  readonly cluster: string;
  /** Of the DaemonSet and the ConfigMap. */
  readonly group: string;
  /** Null: wherever the DaemonSet runs. */
  readonly hosts: readonly string[] | null;
  /** What is done at once, a line each. */
  readonly done: readonly string[];
  /** What is in force only after a reboot. */
  readonly afterReboot: readonly string[];
  /** What is in force only when somebody starts the named service anew. */
  readonly afterRestart: readonly string[];
}

interface Group {
  readonly cluster: string;
  readonly name: string;
  readonly hosts: readonly string[] | null;
  /** The plan's lines, by what they are about; values are the rest of the line. */
  readonly files: ReadonlyMap<string, string>;
  readonly units: ReadonlySet<string>;
  readonly arguments: ReadonlySet<string>;
  readonly flags: ReadonlyMap<string, readonly [value: string, readBy: string]>;
  readonly parameters: ReadonlyMap<string, string>;
}

export function hostChanges(base: Tree, head: Tree): readonly HostChange[] {
  const [old, now] = [groupsIn(base), groupsIn(head)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .map((key) => changesOf(old.get(key), now.get(key)))
    .filter(({ done, afterReboot, afterRestart }) => done.length + afterReboot.length + afterRestart.length > 0);
}

const EMPTY = {
  files: new Map(),
  units: new Set<string>(),
  arguments: new Set<string>(),
  flags: new Map(),
  parameters: new Map(),
};

function changesOf(before: Group | undefined, after: Group | undefined): HostChange {
  const { cluster = '', name = '', hosts = null } = after ?? before ?? {};
  const shared = { cluster, group: name, hosts };
  if (after === undefined) {
    const left = 'its pods go, and what they brought stays on the host (take it back first: hosts[].state "absent")';
    return { ...shared, done: [left], afterReboot: [], afterRestart: [] };
  }
  const old = before ?? { ...EMPTY, hosts: null };
  const [done, afterReboot, afterRestart]: [string[], string[], string[]] = [[], [], []];
  const changedFiles = new Set<string>();
  for (const path of keysOf(old.files, after.files)) {
    const [was, is] = [old.files.get(path), after.files.get(path)];
    if (was === is) continue;
    changedFiles.add(path);
    done.push(is === undefined ? `takes back ${path}` : `${was === undefined ? 'brings' : 'changes'} ${path}`);
    const service = /^\/etc\/systemd\/system\/([^/]+\.service)\.d\//.exec(path)?.[1];
    if (service !== undefined && !after.units.has(service)) afterRestart.push(`${service} reads ${path}`);
    if (is === undefined && path.startsWith('/etc/sysctl.d/')) afterReboot.push(`the values of ${path} stay in force`);
  }
  for (const unit of keysOf(old.units, after.units)) {
    if (!old.units.has(unit)) done.push(`enables and starts ${unit}`);
    else if (!after.units.has(unit)) done.push(`stops and disables ${unit}`);
    else if (changedFiles.has(`/etc/systemd/system/${unit}`)) done.push(`starts ${unit} anew`);
  }
  for (const word of keysOf(old.arguments, after.arguments)) {
    if (old.arguments.has(word) && after.arguments.has(word)) continue;
    afterReboot.push(after.arguments.has(word) ? `kernel argument ${word}` : `without kernel argument ${word}`);
  }
  for (const flag of keysOf(old.flags, after.flags)) {
    const [was, is] = [old.flags.get(flag), after.flags.get(flag)];
    if (was?.[0] === is?.[0]) continue;
    afterRestart.push(`${(is ?? was)?.[1]} reads ${is === undefined ? `no ${flag}` : `${flag}=${is[0]}`}`);
  }
  for (const parameter of keysOf(old.parameters, after.parameters)) {
    const [was, is] = [old.parameters.get(parameter), after.parameters.get(parameter)];
    if (was === is) continue;
    if (is === undefined) afterReboot.push(`${parameter} keeps ${was}`);
    else done.push(`sets ${parameter} to ${is}`);
  }
  return { ...shared, done, afterReboot, afterRestart };
}

function keysOf(
  a: ReadonlyMap<string, unknown> | ReadonlySet<string>,
  b: ReadonlyMap<string, unknown> | ReadonlySet<string>,
): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort();
}

function groupsIn(tree: Tree): ReadonlyMap<string, Group> {
  const placed = [...placedIn(tree).values()];
  const groups = placed.flatMap((each): Group[] => {
    const data = new Map(dataOf(each.manifest));
    const plan = data.get('plan');
    return each.ref.kind === 'ConfigMap' && plan?.startsWith('selfheal-plan ')
      ? [groupOf(each, plan, data, placed)]
      : [];
  });
  return new Map(groups.map((group) => [`${group.cluster}/${group.name}`, group]));
}

function groupOf(
  { cluster, ref }: Placed,
  plan: string,
  own: ReadonlyMap<string, string>,
  placed: readonly Placed[],
): Group {
  const beside = (kind: string, name: string): Placed | undefined =>
    placed.find(
      (each) =>
        each.cluster === cluster &&
        each.ref.kind === kind &&
        each.ref.namespace === ref.namespace &&
        each.ref.name === name,
    );
  const pod = at(beside('DaemonSet', ref.name)?.manifest.spec, 'template', 'spec');
  const sources = listAt(pod, 'volumes').flatMap((volume) =>
    listAt(volume, 'projected', 'sources').map((source) => textAt(source, 'configMap', 'name') ?? ''),
  );
  const contents = new Map([
    ...sources.flatMap((name) => dataOf(beside('ConfigMap', name)?.manifest ?? EMPTY_MANIFEST)),
    ...own,
  ]);
  const lines = plan.split('\n').map((line) => line.split(' '));
  const of = (what: string): readonly (readonly string[])[] =>
    lines.filter(([word]) => word === what).map(([, ...rest]) => rest);
  return {
    cluster,
    name: ref.name,
    hosts: nodesOf(pod) ?? null,
    files: new Map(of('file').map(([mode = '', key = '', path = '']) => [path, `${mode} ${contents.get(key) ?? ''}`])),
    units: new Set(of('unit').map(([unit = '']) => unit)),
    arguments: new Set(of('argument').map(([word = '']) => word)),
    flags: new Map(
      of('flag').map(([file = '', flag = '', value = '', readBy = '']) => [`${flag} in ${file}`, [value, readBy]]),
    ),
    parameters: new Map(of('parameter').map(([module = '', name = '', value = '']) => [`${module}.${name}`, value])),
  };
}

const EMPTY_MANIFEST = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '' } };
