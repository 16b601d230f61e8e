/** What comes into Git, in words. */
import type { Tree } from '../../argo/tree.js';
import { numberAt } from '../../manifest/json.js';
import { counted } from '../words.js';
import { wordsForCreated } from './application-words.js';
import { changeIn, type ObjectChange } from './object-change.js';
import { formOf, patchBegun } from './patch-words.js';
import { applicationItself, type Placed } from './placed.js';

export function creationOf(after: Placed, head: Tree): ObjectChange {
  const { manifest, application } = after;
  const itself = applicationItself(head, after);
  const words = itself && wordsForCreated(itself);
  const foreign = formOf(manifest) !== undefined;
  const replicas = foreign ? undefined : numberAt(manifest.spec, 'replicas');
  return {
    ...changeIn(after),
    effect: foreign ? 'patched' : 'created',
    weight: words?.weight ?? 'plain',
    fields: [],
    consequences: [
      ...(words?.sentences ?? []),
      ...patchBegun(manifest),
      ...(replicas === undefined ? [] : [`Starts ${counted(replicas, 'pod')}.`]),
      ...(application === null ? ['No Application here holds it: somebody has to apply it.'] : []),
      ...(application?.policy.automated === false ? [`Created when somebody syncs ${application.name}.`] : []),
    ],
  };
}
