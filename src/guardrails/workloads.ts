/** The pods that finished objects make, whatever the kind of the object. */
import { FOREIGN } from '../argo/sync-options.js';
import { at, type Field, fieldsAt, isObject, listAt, textAt, textsAt } from '../manifest/json.js';
import { describe, type Manifest, type PlacedManifest } from '../manifest/manifest.js';

export interface Container {
  /** E.g. `CronJob kube-system/local-path-backup, container 'rsync'`. */
  readonly where: string;
  readonly name: string;
  readonly isInit: boolean;
  readonly image: string | undefined;
  readonly imagePullPolicy: string | undefined;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Variables with a literal value. */
  readonly env: ReadonlyMap<string, string>;
  /** The container as it stands, for everything else. */
  readonly fields: Field;
}

export interface Workload {
  readonly where: string;
  readonly kind: string;
  readonly application: string;
  readonly manifest: Manifest;
  /** A patch of somebody else's object: what it leaves out is as the owner has it, not absent. */
  readonly isPartial: boolean;
  readonly annotations: Field;
  readonly labels: Field;
  readonly pod: Field;
  readonly containers: readonly Container[];
}

const TEMPLATE_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment', ['spec', 'template']],
  ['DaemonSet', ['spec', 'template']],
  ['StatefulSet', ['spec', 'template']],
  ['ReplicaSet', ['spec', 'template']],
  ['Job', ['spec', 'template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ['Pod', []],
]);

/** Every object that makes pods. system-upgrade-controller's Plans count: their two containers run on the host. */
export function workloadsOf(objects: readonly PlacedManifest[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const { manifest } = object;
    if (manifest.kind === 'Plan') return [workload(object, planTemplate(manifest))];
    const path = TEMPLATE_PATHS.get(manifest.kind);
    return path === undefined ? [] : [workload(object, at(manifest, ...path))];
  });
}

/** The controller calls a container's environment `envs` and gives the containers names of its own. */
function planTemplate(manifest: Manifest): Field {
  const container = (name: string) => {
    const fields = at(manifest, 'spec', name);
    return isObject(fields) ? [{ ...fields, name, env: listAt(fields, 'envs') }] : [];
  };
  return { spec: { initContainers: container('prepare'), containers: container('upgrade') } };
}

function workload({ application, manifest }: PlacedManifest, template: Field): Workload {
  const where = describe(manifest);
  const pod = at(template, 'spec');
  const foreign = manifest.metadata.annotations?.[FOREIGN];
  const containers = (key: string, isInit: boolean) =>
    listAt(pod, key).map((fields) => container(where, fields, isInit));
  return {
    where,
    kind: manifest.kind,
    application,
    manifest,
    isPartial: foreign === 'partial' || (foreign === 'retiring' && template === undefined),
    annotations: at(template, 'metadata', 'annotations'),
    labels: at(template, 'metadata', 'labels'),
    pod,
    containers: [...containers('initContainers', true), ...containers('containers', false)],
  };
}

function container(owner: string, fields: Field, isInit: boolean): Container {
  const name = textAt(fields, 'name') ?? '';
  return {
    where: `${owner}, ${isInit ? 'init container' : 'container'} '${name}'`,
    name,
    isInit,
    image: textAt(fields, 'image'),
    imagePullPolicy: textAt(fields, 'imagePullPolicy'),
    command: textsAt(fields, 'command'),
    args: textsAt(fields, 'args'),
    env: new Map(
      listAt(fields, 'env').flatMap((variable) => {
        const value = textAt(variable, 'value');
        return value === undefined ? [] : [[textAt(variable, 'name') ?? '', value] as const];
      }),
    ),
    fields,
  };
}

/** The names of the ConfigMaps that a pod mounts, also by a projected volume or by the environment. */
export function configMapsOf({ pod, containers }: Workload): readonly string[] {
  const names = [
    ...listAt(pod, 'volumes').flatMap((volume) => [
      textAt(volume, 'configMap', 'name'),
      ...listAt(volume, 'projected', 'sources').map((source) => textAt(source, 'configMap', 'name')),
    ]),
    ...containers.flatMap(({ fields }) =>
      listAt(fields, 'envFrom').map((source) => textAt(source, 'configMapRef', 'name')),
    ),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The texts of a ConfigMap's keys. */
export const dataOf = (manifest: Manifest): readonly (readonly [string, string])[] =>
  fieldsAt(manifest, 'data').flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
