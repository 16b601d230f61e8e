/** The lease of a leader is longer than its attempts to keep it. */
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';

export const schedulerLeaseOrder: Guardrail = {
  id: 'scheduler-lease-order',
  severity: 'error',
  lesson:
    "A lease of 20 seconds beside MicroK8s's own renew deadline of 30 keeps kube-scheduler from starting at all, on every node.",
  incident: 'pvek8s-rc-1-scheduler',
  check: (inspection) =>
    leasesOf(inspection).flatMap(({ where, lease, renew, retry }): readonly Violation[] =>
      lease > renew && renew > RETRY_FACTOR * retry
        ? []
        : [
            {
              where,
              found: `expected lease > renew deadline > ${RETRY_FACTOR} × retry period, got ${lease}s, ${renew}s, ${retry}s`,
              mend: 'set all three, e.g. 20s, 15s, 2s',
            },
          ],
    ),
};

/** client-go's jitter. */
const RETRY_FACTOR = 1.2;

interface Lease {
  readonly where: string;
  readonly lease: number;
  readonly renew: number;
  readonly retry: number;
}

const FLAGS = ['lease-duration', 'renew-deadline', 'retry-period'] as const;

/** What MicroK8s ships, or kube-scheduler's own. */
const SHIPPED = {
  microk8s: { 'lease-duration': 60, 'renew-deadline': 30, 'retry-period': 2 },
  k3s: { 'lease-duration': 15, 'renew-deadline': 10, 'retry-period': 2 },
} as const;

/** Those of the description, and those that reach the hosts: in a plan of lines, in JSON, or as arguments. */
function leasesOf({ cluster, payloads }: Inspection): readonly Lease[] {
  const shipped = SHIPPED[cluster.distribution.name];
  const described = cluster.schedulerLease && {
    where: 'schedulerLease',
    lease: cluster.schedulerLease.leaseDuration.seconds,
    renew: cluster.schedulerLease.renewDeadline.seconds,
    retry: cluster.schedulerLease.retryPeriod.seconds,
  };
  const installed = payloads.flatMap(({ where, texts }): readonly Lease[] => {
    const text = texts.map((part) => part.text).join('\n');
    const [lease, renew, retry] = FLAGS.map((flag) => flagIn(text, flag));
    if (lease === undefined && renew === undefined && retry === undefined) return [];
    return [
      {
        where,
        lease: lease ?? shipped['lease-duration'],
        renew: renew ?? shipped['renew-deadline'],
        retry: retry ?? shipped['retry-period'],
      },
    ];
  });
  return [...(described ? [described] : []), ...installed];
}

function flagIn(text: string, flag: (typeof FLAGS)[number]): number | undefined {
  const value = new RegExp(
    `--leader-elect-${flag}(?:=|\\s+|\\W+value\\W+)["']?((?:\\d+(?:\\.\\d+)?(?:ms|[hms]))+)`,
  ).exec(text)?.[1];
  if (value === undefined) return undefined;
  const seconds = { h: 3_600, m: 60, s: 1, ms: 0.001 } as const;
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * seconds[unit as keyof typeof seconds], // The pattern has no other.
    0,
  );
}
