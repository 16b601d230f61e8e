/** Shell text, wherever an object carries it: in a ConfigMap, packed in JSON in one, or in a container's arguments. */
import { describe, type Json, type PlacedManifest } from '../manifest/manifest.js';
import { everyField } from './json.js';
import { type Container, configMapsOf, dataOf, type Workload, workloadsOf } from './workloads.js';

export interface Text {
  /** E.g. `ConfigMap kube-system/local-path-backup, key 'backup.sh'`. */
  readonly where: string;
  readonly text: string;
}

/** Every text in the ConfigMaps; a key that holds JSON gives each string in it. */
export function configTextsOf(objects: readonly PlacedManifest[]): readonly Text[] {
  return objects.flatMap(({ manifest }) =>
    manifest.kind !== 'ConfigMap'
      ? []
      : dataOf(manifest).flatMap(([key, text]) => {
          const where = `${describe(manifest)}, key '${key}'`;
          const packed = packedTexts(text).map((inner) => ({ where, text: inner }));
          return packed.length > 0 ? packed : [{ where, text }];
        }),
  );
}

function packedTexts(text: string): readonly string[] {
  if (!/^\s*[[{]/.test(text)) return [];
  try {
    const value: Json = JSON.parse(text);
    return everyField(value).flatMap(({ value: field }) => (typeof field === 'string' ? [field] : []));
  } catch {
    // Not JSON after all, e.g. an ini file's section: read as it stands.
    return [];
  }
}

const SHELL = /^#!.*\b(ba|da|a)?sh\b/;

/** Every script: ConfigMap texts that are one by their first line or their name, and the texts of `sh -c`. */
export const scriptsOf = (objects: readonly PlacedManifest[]): readonly Text[] => [
  ...configTextsOf(objects).filter(({ where, text }) => SHELL.test(text) || /\.sh'$/.test(where)),
  ...workloadsOf(objects).flatMap(({ containers }) => containers.flatMap(inlineScript)),
];

/** What a container may run: its own arguments, and the scripts of the ConfigMaps that its pod mounts. */
export function scriptsRunBy(
  container: Container,
  workload: Workload,
  objects: readonly PlacedManifest[],
): readonly Text[] {
  const mounted = new Set(configMapsOf(workload));
  const { namespace } = workload.manifest.metadata;
  const configMaps = objects.filter(
    ({ manifest }) =>
      manifest.kind === 'ConfigMap' && manifest.metadata.namespace === namespace && mounted.has(manifest.metadata.name),
  );
  const own = [...container.command, ...container.args];
  return [
    { where: container.where, text: own.join(' ') },
    ...configTextsOf(configMaps).filter(({ where, text }) => SHELL.test(text) || /\.sh'$/.test(where)),
  ];
}

/** The text that a shell is given by `-c`. */
export function inlineScript({ where, command, args }: Container): readonly Text[] {
  const words = [...command, ...args];
  const shell = words.findIndex((word) => /(^|\/)(busybox|(ba|da|a)?sh)$/.test(word));
  const flag = words.findIndex((word, index) => index > shell && /^-[a-z]*c$/.test(word));
  const text = words[flag + 1];
  return shell === -1 || flag === -1 || text === undefined ? [] : [{ where, text }];
}

/** The lines of a script as the shell joins them, without comments and without what is only printed. */
export const commandLines = (script: string): readonly string[] =>
  script
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(
      (line) => line !== '' && !/^(printf|echo|logger|log|say|die|fail|warn|info)\s(?!.*(\||;|&&|\$\())/.test(line),
    );
