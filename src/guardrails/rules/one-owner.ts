/** An object is in one Application, and there once. */
import { describe, identityOf, type PlacedManifest } from '../../manifest/manifest.js';
import type { Guardrail } from '../guardrail.js';

export const oneOwner: Guardrail = {
  id: 'one-owner',
  severity: 'error',
  lesson:
    "All Applications write under one name: two that hold the same object take each other's fields away on every sync.",
  incident: 'argocd-wiped',
  check: ({ objects }) => {
    const owners = new Map<string, PlacedManifest[]>();
    for (const object of objects) {
      const identity = identityOf(object.manifest);
      owners.set(identity, [...(owners.get(identity) ?? []), object]);
    }
    return [...owners.values()].flatMap((places) => {
      const [first] = places;
      if (first === undefined || places.length === 1) return [];
      return [
        {
          where: describe(first.manifest),
          found: `expected one Application, got ${places.map(({ application }) => application).join(' and ')}`,
          mend: 'let one layer make the object, with what the other one needs',
        },
      ];
    });
  },
};
