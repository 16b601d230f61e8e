/** The scheduler and the controller manager hold their leases, renew them, and are where the description has nodes. */
import type { Cluster } from '../../../cluster/cluster.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import type { HealthCheck } from '../facts.js';
import { SCHEDULER_STALLED } from '../incidents.js';
import { controlPlaneLease, type HeldLease, readLease } from '../lease.js';
import { spanOf } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('lease-holders');

const LEASES = ['kube-scheduler', 'kube-controller-manager'] as const;

export const leaseHoldersCheck: HealthCheck = {
  id: 'lease-holders',
  summary: 'the leases of kube-scheduler and kube-controller-manager are renewed, by a described node',
  asks: ['leases'],
  // k3s on SQLite elects nobody.
  applies: ({ leaderElection }) => leaderElection,
  answer: ({ cluster, node, now, of }) => {
    const leases = of('leases');
    return LEASES.map((name) => {
      const subject = `Lease kube-system/${name}`;
      if (!leases.ok) return unknown(subject, leases.failure);
      if (leases.value.length === 0) return unknown(subject, 'the cluster reports no leases at all');
      if (!now.ok) return unknown(subject, now.failure);
      return judge(subject, name, controlPlaneLease(leases.value, name), now.value, { cluster, node });
    });
  },
};

interface For {
  readonly cluster: Cluster;
  readonly node: string | null;
}

function judge(subject: string, name: string, lease: LiveObject | undefined, now: number, { cluster, node }: For) {
  const held = lease === undefined ? null : readLease(lease, now);
  if (typeof held === 'string') return unknown(subject, held, `kubectl -n kube-system get lease ${name} -o yaml`);
  const problem = held === null ? 'no such lease: nobody was ever elected' : problemOf(held, cluster);
  if (problem !== null) return lost(subject, name, problem);
  return pass(subject, `${held?.holder}, renewed ${spanOf(held?.age ?? 0)} ago${takenOver(held?.holder, node)}`);
}

function problemOf({ holder, age, isRenewed }: HeldLease, { nodes }: Cluster): string | null {
  if (holder === '') return 'nobody holds it';
  if (!isRenewed) return `last renewed ${spanOf(age)} ago by ${holder}: nobody does this work now`;
  // A host may be called by its full name.
  const isDescribed = nodes.some(({ name }) => name === holder || name === holder.split('.')[0]);
  return isDescribed ? null : `held by ${holder}, which is no described node`;
}

const lost = (subject: string, name: string, found: string): CheckResult =>
  fail(subject, {
    expected: 'a described node that holds it and renews it',
    found,
    next: `kubectl -n kube-system get lease ${name} -o yaml`,
    incident: SCHEDULER_STALLED,
  });

const takenOver = (holder: string | undefined, node: string | null): string =>
  holder === node && node !== null ? '; somebody else has to take it over when it goes down' : '';
