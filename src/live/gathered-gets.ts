/**
 * Answers several questions for objects of one kind in one namespace with one list.
 *
 * A list costs the API server little more than an object does. It is short: where there are many more objects than were
 * asked for, or where listing is not allowed, each is asked for by itself.
 */
import type { Answer, Failure, LiveObject } from '../manifest/live-object.js';

export type Get = (name: string) => Promise<Answer<LiveObject | null>>;

type Page =
  | {
      readonly objects: readonly LiveObject[];
      /** There are no others. */
      readonly whole: boolean;
    }
  /** Nobody can be asked for anything now. */
  | { readonly failure: Failure };

/** From so many on that come before the event loop's next turn. */
const FROM = 2;

/** So many objects that nobody asked for may be in the list, for each that somebody did. */
const SPARE = 4;

interface Batch {
  readonly names: Set<string>;
  readonly page: Promise<Page | undefined>;
}

/** @param firstPage up to so many objects; undefined where each has to be asked for by itself */
export function gatherGets(one: Get, firstPage: (limit: number) => Promise<Page | undefined>): Get {
  let batch: Batch | undefined;

  const gather = (names: Set<string>): Batch => ({
    names,
    page: new Promise<void>((turn) => setImmediate(turn)).then(() => {
      batch = undefined;
      return names.size < FROM ? undefined : firstPage(names.size * SPARE);
    }),
  });

  return async (name) => {
    batch ??= gather(new Set());
    batch.names.add(name);
    const page = await batch.page;
    if (page !== undefined && 'failure' in page) return { ok: false, failure: page.failure };
    const found = page?.objects.find(({ metadata }) => metadata.name === name);
    if (found !== undefined) return { ok: true, value: found };
    return page?.whole === true ? { ok: true, value: null } : one(name);
  };
}
