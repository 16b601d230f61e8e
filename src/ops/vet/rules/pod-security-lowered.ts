/** What a namespace lets pods do is not loosened. */
import { type Concern, concern, type VetRule } from '../rule.js';

const LABEL = 'pod-security.kubernetes.io/enforce';
const LEVELS = ['privileged', 'baseline', 'restricted'];

export const podSecurityLowered: VetRule = {
  id: 'pod-security-lowered',
  severity: 'error',
  reason:
    'The level of a namespace is the only thing that keeps whoever may create a pod in it from a root shell on the node; without the label everything is allowed.',
  mend: 'put what needs more into a namespace of its own',
  check: ({ objects }) =>
    objects.kept
      .filter(({ after }) => after.manifest.kind === 'Namespace')
      .flatMap(({ before, after }): readonly Concern[] => {
        const [old, now] = [before, after].map(({ manifest }) => manifest.metadata.labels?.[LABEL] ?? 'privileged');
        return LEVELS.indexOf(now ?? '') < LEVELS.indexOf(old ?? '')
          ? [concern(after, `expected ${LABEL} to stay ${old}, got ${now}`, ['metadata', 'labels', LABEL])]
          : [];
      }),
};
