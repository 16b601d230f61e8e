/**
 * The clock of every host is right, and something keeps it so.
 *
 * A report may be minutes old by a clock that nobody can check. The Lease of a node is not: its kubelet writes its own
 * time into it each ten seconds, and the API server marks the node otherwise when it does not.
 */
import { textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import type { CheckFacts, HealthCheck } from '../facts.js';
import { type Host, isReportedOn, onEachHost, reportOf } from '../hosts.js';
import { isReady, spanOf, timeOf } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { RENEWED_WITHIN_SECONDS, SKEW_SECONDS } from '../thresholds.js';

const say = saying('host-clock');

const NODE_LEASES = 'kube-node-lease';

export const hostClockCheck: HealthCheck = {
  id: 'host-clock',
  summary: 'the clock of every host is right and kept so',
  asks: ['nodes', 'leases', 'hostReports'],
  applies: isReportedOn,
  answer: (facts) => {
    // Before the reports: where a clock is off, none of that host is believed.
    const off = facts.cluster.nodes.flatMap(({ name }) => (name === facts.node ? [] : skewOf(facts, name)));
    const known = new Set(off.filter(({ verdict }) => verdict === 'fail').map(({ subject }) => subject));
    const kept = onEachHost(facts, {
      say,
      of: 'others',
      well: 'its clock is right and kept so',
      judge,
    }).filter(({ verdict, subject }) => !(verdict === 'unknown' && known.has(subject)));
    return off.length === 0 ? kept : [...off, ...kept.filter(({ verdict }) => verdict !== 'pass')];
  },
};

function judge({ node, report: { clockSynchronized } }: Host): readonly CheckResult[] {
  const subject = `host ${node.name}`;
  if (clockSynchronized === null)
    return [say.unknown(subject, 'whether anything keeps its clock cannot be told', reportOf(node.name))];
  if (clockSynchronized) return [];
  return [
    say.fail(subject, {
      expected: 'a clock that is kept in step',
      found: 'the kernel says that nothing does',
      next: `on ${node.name}: timedatectl; systemctl status systemd-timesyncd chrony`,
    }),
  ];
}

function skewOf({ of, now }: CheckFacts, node: string): readonly CheckResult[] {
  const subject = `host ${node}`;
  const next = `kubectl -n ${NODE_LEASES} get lease ${node} -o yaml`;
  const [nodes, leases] = [of('nodes'), of('leases')];
  for (const answer of [nodes, leases, now]) if (!answer.ok) return [say.unknown(subject, answer.failure)];
  if (!nodes.ok || !leases.ok || !now.ok) return [];
  const live = nodes.value.find(({ metadata }) => metadata.name === node);
  // One that renews nothing says nothing of its clock; that it is not Ready is told by another check.
  if (live === undefined || !isReady(live))
    return [say.unknown(subject, 'a node that is not Ready says nothing of its clock', `kubectl get node ${node}`)];
  const renewed = timeOf(textAt(leaseOf(leases.value, node)?.spec, 'renewTime'));
  if (renewed === undefined) return [say.unknown(subject, `no Lease in ${NODE_LEASES} with its time`, next)];
  const ahead = (renewed - now.value) / 1_000;
  const behind = -ahead - RENEWED_WITHIN_SECONDS;
  if (ahead <= SKEW_SECONDS && behind <= SKEW_SECONDS) return [];
  return [
    say.fail(subject, {
      expected: `the API server's time, give or take ${SKEW_SECONDS} s`,
      found:
        ahead > 0
          ? `a clock that is ${spanOf(ahead * 1_000)} ahead`
          : `a clock that is at least ${spanOf(behind * 1_000)} behind`,
      next: `on ${node}: timedatectl; on the control planes too, since one of the two is wrong`,
    }),
  ];
}

const leaseOf = (leases: readonly LiveObject[], node: string): LiveObject | undefined =>
  leases.find(({ metadata }) => metadata.namespace === NODE_LEASES && metadata.name === node);
