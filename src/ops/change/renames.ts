/** Pairs of an object that goes and one that comes which are the same but for the name. */
import { groupOf, type Json } from '../../manifest/manifest.js';
import { keyOfApplication, type Placed } from './placed.js';

export interface Renaming {
  readonly before: Placed;
  readonly after: Placed;
}

/** Of what stands in either, this share must stand in both. */
const ALIKE = 0.75;

/** Objects that hold less are alike by chance. */
const FEWEST = 3;

/** The most alike first; each object once. */
export function renamingsIn(gone: readonly Placed[], come: readonly Placed[]): readonly Renaming[] {
  const candidates = gone
    .flatMap((before) =>
      come
        .filter((after) => couldBe(before, after))
        .map((after) => ({ before, after, share: likeness(before, after) })),
    )
    .filter(({ share }) => share >= ALIKE)
    .sort((a, b) => b.share - a.share);
  const taken = new Set<Placed>();
  return candidates.flatMap(({ before, after }) => {
    if (taken.has(before) || taken.has(after)) return [];
    taken.add(before).add(after);
    return [{ before, after }];
  });
}

const couldBe = (before: Placed, after: Placed): boolean =>
  before.application !== null &&
  after.application !== null &&
  keyOfApplication(before.application) === keyOfApplication(after.application) &&
  groupOf(before.manifest) === groupOf(after.manifest) &&
  before.ref.kind === after.ref.kind;

function likeness(before: Placed, after: Placed): number {
  const [old, now] = [factsOf(before), factsOf(after)];
  const shared = [...old].filter((fact) => now.has(fact)).length;
  const all = old.size + now.size - shared;
  return old.size < FEWEST ? 0 : shared / all;
}

/** Every value with its path, names aside: an object's own name is often its label and its container's as well. */
function factsOf({ manifest, ref: { name } }: Placed): ReadonlySet<string> {
  const facts = new Set<string>();
  const visit = (path: string, value: Json | undefined): void => {
    if (value === undefined) return;
    if (typeof value === 'string') {
      for (const line of value.split('\n')) facts.add(`${path}=${line.split(name).join('\0')}`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(`${path}/${Array.isArray(value) ? '' : key}`, inner);
    } else facts.add(`${path}=${value}`);
  };
  const { apiVersion: _, kind: __, metadata, ...content } = manifest;
  visit('', { ...content, labels: metadata.labels });
  return facts;
}
