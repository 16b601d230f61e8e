/** Argo CD goes on repairing what it repaired. */
import { placedApplication } from '../application.js';
import { concern, type VetRule } from '../rule.js';

export const automationOff: VetRule = {
  id: 'automation-off',
  severity: 'warning',
  reason:
    'An Application without selfHeal or automated sync shows what is wrong and leaves it: a patch that an upgrade overwrote stays lost until somebody looks.',
  mend: 'switch it off by hand for the time of the work (argocd app set --sync-policy none), not in Git',
  check: ({ applications }) =>
    applications.kept.flatMap(({ before: { policy: old }, after }) => {
      const { policy: now } = after;
      const lost = [
        ...(old.automated && !now.automated ? ['automated sync'] : []),
        ...(old.automated && old.selfHeal && !(now.automated && now.selfHeal) ? ['selfHeal'] : []),
      ];
      return lost.length === 0
        ? []
        : [
            concern(placedApplication(after, 'head'), `expected ${lost.join(' and ')} to stay, got it switched off`, [
              'spec',
              'syncPolicy',
            ]),
          ];
    }),
};
