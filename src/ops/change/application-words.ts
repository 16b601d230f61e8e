/** What a change of an Application itself means for what it syncs. */
import type { SyncedApplication, SyncPolicy } from '../../argo/tree.js';
import { counted } from '../words.js';
import type { Weight } from './object-change.js';

export interface Words {
  readonly weight: Weight;
  readonly sentences: readonly string[];
}

export function wordsForCreated({ name, objects, notRendered, policy }: SyncedApplication): Words {
  const what = notRendered === null ? counted(objects.length, 'object') : notRendered;
  return {
    weight: policy.finalizer === 'none' ? 'plain' : 'care',
    sentences: [
      `${name} begins to sync ${what}, ${manner(policy)}.`,
      ...(policy.finalizer === 'none' ? [] : ['Deleting it will delete all that it syncs (finalizer).']),
    ],
  };
}

export function wordsForChanged(before: SyncedApplication, after: SyncedApplication): Words {
  const [old, now] = [before.policy, after.policy];
  const danger = [
    ...turned(old.finalizer === 'none', now.finalizer === 'none', {
      off: 'From now on, deleting it deletes all that it syncs (finalizer).',
    }),
    ...turned(old.prune, now.prune, {
      on: 'From now on it deletes what leaves Git, and what left Git earlier and still carries its mark.',
    }),
    ...turned(old.allowEmpty, now.allowEmpty, {
      on: 'An empty folder makes it delete all that it syncs (allowEmpty).',
    }),
    ...(before.folder === after.folder && before.notRendered === after.notRendered
      ? []
      : [`It syncs ${sourceOf(after)} instead of ${sourceOf(before)}.`]),
    ...(old.destinationNamespace === now.destinationNamespace
      ? []
      : [
          `What names no namespace goes to ${now.destinationNamespace ?? 'none'} instead of ${old.destinationNamespace ?? 'none'}.`,
        ]),
  ];
  const care = [
    ...turned(old.finalizer === 'none', now.finalizer === 'none', {
      on: 'Deleting it leaves what it syncs in place from now on.',
    }),
    ...turned(old.prune, now.prune, { off: 'From now on what leaves Git stays in the cluster.' }),
    ...turned(old.automated, now.automated, {
      on: 'From now on it syncs by itself.',
      off: 'From now on it syncs only when somebody asks for it.',
    }),
    ...turned(old.selfHeal, now.selfHeal, {
      on: 'From now on it undoes what is changed in the cluster by hand.',
      off: 'From now on it leaves alone what is changed in the cluster by hand.',
    }),
    ...turned(old.options.has('FailOnSharedResource=true'), now.options.has('FailOnSharedResource=true'), {
      off: 'It takes objects over from other Applications without a word (FailOnSharedResource).',
    }),
    ...turned(old.options.has('ServerSideApply=true'), now.options.has('ServerSideApply=true'), {
      on: 'It applies on the server: fields that others set stay theirs.',
      off: 'It applies on the client: a partial object would be refused.',
    }),
    ...(old.retryLimit === now.retryLimit
      ? []
      : [`A sync that fails is tried again ${now.retryLimit < 0 ? 'without end' : `${now.retryLimit} times`}.`]),
  ];
  return { weight: danger.length > 0 ? 'danger' : care.length > 0 ? 'care' : 'plain', sentences: [...danger, ...care] };
}

export function wordsForRemoved({ name, policy, objects }: SyncedApplication): Words {
  return policy.finalizer === 'none'
    ? {
        weight: 'care',
        sentences: [
          `${name} has no finalizer: what it synced (${counted(objects.length, 'object')}) stays, and nobody owns it.`,
        ],
      }
    : {
        weight: 'danger',
        sentences: [`Its finalizer deletes what it synced (${counted(objects.length, 'object')}).`],
      };
}

const manner = ({ automated, prune, selfHeal }: SyncPolicy): string => {
  if (!automated) return 'only when somebody asks for it';
  return `by itself${prune ? ', deleting what leaves Git' : ''}${selfHeal ? ', undoing what is changed by hand' : ''}`;
};

const sourceOf = ({ folder, notRendered }: SyncedApplication): string => notRendered ?? `folder ${folder}`;

function turned(
  before: boolean,
  after: boolean,
  words: { readonly on?: string; readonly off?: string },
): readonly string[] {
  const sentence = before === after ? undefined : after ? words.on : words.off;
  return sentence === undefined ? [] : [sentence];
}
