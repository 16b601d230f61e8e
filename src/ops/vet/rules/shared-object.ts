/** Every object is in one Application. */
import { type Change, keyOf, type Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const sharedObject: VetRule = {
  id: 'shared-object',
  severity: 'error',
  reason:
    'All Applications write as one field manager, so the second one takes the fields of the first away and the first one takes them back: the object never rests, or FailOnSharedResource stops both.',
  mend: 'keep the object in one of them; join two patches of one object in one file',
  check: ({ before, after }: Change): readonly Concern[] => {
    const shared = new Set(twins(before).map(({ placed }) => keyOf(placed)));
    return twins(after)
      .filter(({ placed }) => !shared.has(keyOf(placed)))
      .map(({ placed, owner }) =>
        concern(
          placed,
          `expected it in one Application, got it in ${owner.application.name} (${owner.file}) and in ${placed.application.name}`,
        ),
      );
  },
};

/** From the second on, each with the first. */
function twins(all: readonly Placed[]): readonly { readonly placed: Placed; readonly owner: Placed }[] {
  const owners = new Map<string, Placed>();
  return all.flatMap((placed) => {
    const owner = owners.get(keyOf(placed));
    if (owner === undefined) owners.set(keyOf(placed), placed);
    return owner === undefined ? [] : [{ placed, owner }];
  });
}
