/** Whoever has power over a host, or less care than is usual, says why; and who no longer has it no longer says so. */
import { FOREIGN } from '../../argo/sync-options.js';
import { reasonsIn } from '../../manifest/privileges.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { isPowerOverHost, powersOf } from '../powers.js';
import type { Workload } from '../workloads.js';

export const privilegeHasReason: Guardrail = {
  id: 'privilege-has-reason',
  severity: 'error',
  lesson:
    'Something with the power to reboot a host did so ten times in three hours; whoever has such power says why, where it stands.',
  incident: 'apr-3-reboot-loop',
  check: ({ workloads }) =>
    workloads.flatMap((workload) => {
      const { where, manifest } = workload;
      const reasons = reasonsIn(manifest.metadata.annotations);
      const powers = powersToExplain(workload);
      return [
        ...powers
          .filter((id) => !/\S \S/.test(reasons.get(id) ?? ''))
          .map(
            (id): Violation => ({
              where,
              found: `expected a reason for '${id}', got ${JSON.stringify(reasons.get(id) ?? null)}`,
              mend: 'do without it, or give the reason with privilegeAnnotations() in the metadata of the workload',
            }),
          ),
        ...[...reasons.keys()]
          .filter((id) => !powers.some((power) => power === id))
          .map(
            (id): Violation => ({
              where,
              found: `expected a reason only for what the pod has, got one for '${id}'`,
              mend: 'remove the reason: the privilege is gone',
            }),
          ),
      ];
    }),
};

/** How careful somebody else's pod is, is for its owner to say; power over the host is not. */
const powersToExplain = (workload: Workload): readonly string[] =>
  powersOf(workload).filter(
    (id) => workload.manifest.metadata.annotations?.[FOREIGN] === undefined || isPowerOverHost(id),
  );
