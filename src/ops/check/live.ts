/** What checks read of live objects, and how they say how long ago something was. */
import { at, type Field, listAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';

export const conditionOf = ({ status }: LiveObject, type: string): Field =>
  listAt(status, 'conditions').find((condition) => at(condition, 'type') === type);

/** A node or a pod. */
export const isReady = (object: LiveObject): boolean => at(conditionOf(object, 'Ready'), 'status') === 'True';

export const isCordoned = ({ spec }: LiveObject): boolean => at(spec, 'unschedulable') === true;

export const nodeOf = ({ spec }: LiveObject): string | undefined => textAt(spec, 'nodeName');

/** Milliseconds since 1970; undefined where it is no time. */
export function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** When a field was last written, by the API server's record of who wrote what: its own clock. Undefined where it has none. */
export function writtenAt(
  { managedFields = [] }: LiveObject['metadata'],
  ...field: readonly string[]
): number | undefined {
  const times = managedFields
    .filter(({ fieldsV1 }) => at(fieldsV1, ...field) !== undefined)
    .flatMap(({ time }) => timeOf(time) ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** `4 h 20 min`, `12 s`. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

/** The first few by name, and how many more. */
export const someOf = (names: readonly string[], most = 3): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
