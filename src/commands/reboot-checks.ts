/** The checks that a roll asks of each node: whether it may go down, and whether all is well with it back. */
import type { Cluster } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { isSilence } from '../manifest/live-object.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import { answersOf } from '../ops/check/answers.js';
import { CHECKS } from '../ops/check/checks/index.js';
import { jivaVolumesCheck } from '../ops/check/checks/jiva-volumes.js';
import { longhornRebuiltCheck } from '../ops/check/checks/longhorn-volumes.js';
import type { CheckFacts, HealthCheck } from '../ops/check/facts.js';
import { pendingWords } from '../ops/check/pending-words.js';
import type { CheckResult } from '../ops/check/result.js';
import type { Wanted } from '../ops/reboot/plan.js';
import type { Checked } from '../ops/reboot/state.js';
import { listed } from '../ops/words.js';
import { gatherFacts } from './check-facts.js';

/** A roll must not act on what it saw longer ago. */
const TIMEOUT = { seconds: 10 };

/** What may still be on its way when everything else is well. */
const REBUILT: readonly HealthCheck[] = [jivaVolumesCheck, longhornRebuiltCheck];

export interface Asked {
  readonly facts: CheckFacts;
  /**
   * `before`: may that node go down. `after`: the same of everything that its pods are needed for, since they come back
   * when it is uncordoned; and of its host that all is well. `settled`: of volumes, whether they are whole again.
   */
  readonly answers: (node: string, phase: Checked['phase']) => readonly CheckResult[];
}

export type AskChecks = () => Promise<Asked>;

/** What a description renders to does not change while a roll goes: asked for once. */
export function createChecks(
  api: KubeApi,
  cluster: Cluster,
  renderNow: () => Promise<readonly PlacedManifest[]>,
): AskChecks {
  const applies = (check: HealthCheck): boolean => check.applies === undefined || check.applies(cluster);
  const checks = CHECKS.filter(applies);
  let rendered: ReturnType<typeof renderNow> | undefined;
  const render = async () => {
    rendered ??= renderNow();
    return rendered;
  };
  return async () => {
    const nodes = api.list({ apiVersion: 'v1', kind: 'Node' });
    const facts = await gatherFacts(api, { cluster, node: null, checks, nodes, render, timeout: TIMEOUT });
    return {
      facts,
      answers: (node, phase) => {
        if (phase === 'settled') return answersOf(REBUILT.filter(applies), { ...facts, node: null });
        return checks.flatMap((check) => {
          const ofHosts = phase === 'after' && check.asks.includes('hostReports');
          return answersOf([check], { ...facts, node: ofHosts ? null : node });
        });
      },
    };
  };
}

/** The API server was away when they were asked, or went away meanwhile: nodes are asked for first, and the time last. */
export const isUnanswered = ({ now, of }: CheckFacts): boolean =>
  [of('nodes'), now].some((answer) => !answer.ok && isSilence(answer.failure));

/** The nodes whose hosts wait for a reboot, and those of which that cannot be told. */
export function pendingIn({ cluster, host }: CheckFacts): {
  readonly wanted: readonly Wanted[];
  readonly unknown: readonly string[];
} {
  const wanted: Wanted[] = [];
  const unknown: string[] = [];
  for (const { name } of cluster.nodes) {
    if (!cluster.hosts.some(({ nodes, state }) => state === 'described' && nodes.some((node) => node.name === name))) {
      unknown.push(`host ${name}: no node-bootstrap is described for it, so nobody reports whether a reboot waits`);
      continue;
    }
    const report = host(name);
    if (!report.ok) unknown.push(report.failure.message);
    else if (report.value.pending === null) unknown.push(`host ${name}: whether a reboot waits cannot be told`);
    else if (report.value.pending.length > 0)
      wanted.push({ node: name, reason: `a reboot waits: ${listed(pendingWords(report.value))}` });
  }
  return { wanted, unknown };
}
