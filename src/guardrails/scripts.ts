/** Shell text, wherever an object carries it: in a ConfigMap, packed in JSON in one, or in a container's arguments. */

import { everyField } from '../manifest/json.js';
import { describe, type Json, type PlacedManifest } from '../manifest/manifest.js';
import { type Container, configMapsOf, dataOf, type Workload } from './workloads.js';

export interface Text {
  /** E.g. `ConfigMap kube-system/local-path-backup, key 'backup.sh'`. */
  readonly where: string;
  /** The ConfigMap. */
  readonly object: PlacedManifest;
  readonly key: string;
  readonly text: string;
}

export interface Script {
  readonly where: string;
  /** The ConfigMap; null for a container's arguments. */
  readonly object: PlacedManifest | null;
  readonly text: string;
  /** As the shell joins them, without comments and without what is only printed. */
  readonly lines: readonly string[];
}

/** Every text in the ConfigMaps; a key that holds JSON gives each string in it. */
export function configTextsOf(objects: readonly PlacedManifest[]): readonly Text[] {
  return objects.flatMap((object) =>
    object.manifest.kind !== 'ConfigMap'
      ? []
      : dataOf(object.manifest).flatMap(([key, whole]) => {
          const where = `${describe(object.manifest)}, key '${key}'`;
          const packed = packedTexts(whole);
          return (packed.length > 0 ? packed : [whole]).map((text) => ({ where, object, key, text }));
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

export const isScript = ({ key, text }: Text): boolean => /^#!.*\b(ba|da|a)?sh\b/.test(text) || key.endsWith('.sh');

/** Those that are scripts by their first line or their name. */
export function scriptsAmong(texts: readonly Text[]): readonly Script[] {
  // The same script goes to many hosts.
  const known = new Map<string, readonly string[]>();
  return texts.filter(isScript).map(({ where, object, text }) => {
    const lines = known.get(text) ?? commandLines(text);
    known.set(text, lines);
    return { where, object, text, lines };
  });
}

/** What a container may run: its own arguments, and the scripts of the ConfigMaps that its pod mounts. */
export function scriptsRunBy(container: Container, workload: Workload, scripts: readonly Script[]): readonly Script[] {
  const mounted = new Set(configMapsOf(workload));
  const { namespace } = workload.manifest.metadata;
  const own = [...container.command, ...container.args].join(' ');
  return [
    { where: container.where, object: null, text: own, lines: commandLines(own) },
    ...scripts.filter(({ object }) => {
      const metadata = object?.manifest.metadata;
      return metadata?.namespace === namespace && mounted.has(metadata?.name ?? '');
    }),
  ];
}

/** The text that a shell is given by `-c`. */
export function inlineScript({ where, command, args }: Container): readonly Script[] {
  const words = [...command, ...args];
  const shell = words.findIndex((word) => /(^|\/)(busybox|(ba|da|a)?sh)$/.test(word));
  const flag = words.findIndex((word, index) => index > shell && /^-[a-z]*c$/.test(word));
  const text = words[flag + 1];
  return shell === -1 || flag === -1 || text === undefined
    ? []
    : [{ where, object: null, text, lines: commandLines(text) }];
}

const PRINTED = /^(printf|echo|logger|log|say|die|fail|warn|info)\s(?!.*(\||;|&&|\$\())/;

export const commandLines = (script: string): readonly string[] =>
  script
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !PRINTED.test(line));
