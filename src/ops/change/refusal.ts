/** A change that the API server does not take: the sync fails, or Argo CD makes the object anew. */
import { optionsOf } from '../../guardrails/argo.js';
import type { FieldChange } from '../../manifest/field-changes.js';
import { listed } from '../words.js';
import { isReconciled } from './immutable.js';
import type { ObjectChange } from './object-change.js';
import type { Placed } from './placed.js';

/** `refused`: the immutable fields. `answer`: what the API server says; null: it was not asked, or takes it. */
export function refusalOf(
  { manifest, application }: Placed,
  refused: readonly FieldChange[],
  answer: string | null,
): Pick<ObjectChange, 'effect' | 'weight' | 'consequences'> {
  const what =
    refused.length === 0
      ? 'The API server refuses it in place'
      : `${listed(refused.map(({ path }) => path))} ${refused.length === 1 ? 'is' : 'are'} immutable`;
  if (application !== null && refused.length > 0 && isReconciled(manifest)) {
    return {
      effect: 'recreated',
      weight: 'danger',
      consequences: [`${what}: Argo CD deletes the binding and creates it anew. In between, nobody has its rights.`],
    };
  }
  const options = [...optionsOf(manifest), ...(application?.policy.options ?? [])];
  if (application !== null && options.includes('Force=true') && options.includes('Replace=true')) {
    return {
      effect: 'recreated',
      weight: 'danger',
      consequences: [`${what}: Argo CD deletes the object and creates it anew (Force=true, Replace=true).`],
    };
  }
  const { name = '', policy } = application ?? {};
  const retries = policy?.automated && policy.retryLimit < 0 ? ', again and again' : '';
  return {
    effect: 'refused',
    weight: 'danger',
    consequences: [
      answer === null
        ? `${what}: the API server refuses the change, and the object stays as it was.`
        : `The API server refuses it, and the object stays as it was: ${answer}`,
      ...(application === null
        ? []
        : [
            `The sync of ${name} fails${retries}, and its later waves wait. Another name, or deleting it by hand, is the way.`,
          ]),
    ],
  };
}
