/** Every guardrail, and the run over all of them. */
import type { Finding, Guardrail, GuardrailInput } from './guardrail.js';
import { Inspection } from './inspection.js';
import { applicationKeepsItself } from './rules/application-keeps-itself.js';
import { backupBandwidthLimit } from './rules/backup-bandwidth-limit.js';
import { backupHostKeyPinned } from './rules/backup-host-key-pinned.js';
import { backupLeavesTheNode } from './rules/backup-leaves-the-node.js';
import { backupRunsApart } from './rules/backup-runs-apart.js';
import { containerResources } from './rules/container-resources.js';
import { dnsLeftAlone } from './rules/dns-left-alone.js';
import { dnsOnTwoNodes } from './rules/dns-on-two-nodes.js';
import { foreignObjectProtected } from './rules/foreign-object-protected.js';
import { hardwareWatchdogFitsBoard } from './rules/hardware-watchdog-fits-board.js';
import { heavyJobsApart } from './rules/heavy-jobs-apart.js';
import { jobEnds } from './rules/job-ends.js';
import { knownSyncOptions } from './rules/known-sync-options.js';
import { longhornBackupOffCluster } from './rules/longhorn-backup-off-cluster.js';
import { longhornHasRecurringJob } from './rules/longhorn-has-recurring-job.js';
import { longhornVolumesCovered } from './rules/longhorn-volumes-covered.js';
import { nfsByName } from './rules/nfs-by-name.js';
import { nfsSoftAndBounded } from './rules/nfs-soft-and-bounded.js';
import { noNfs } from './rules/no-nfs.js';
import { noNfsEgress } from './rules/no-nfs-egress.js';
import { noSecretData } from './rules/no-secret-data.js';
import { noStateOfOurs } from './rules/no-state-of-ours.js';
import { nothingInstalled } from './rules/nothing-installed.js';
import { oneNodeAtATime } from './rules/one-node-at-a-time.js';
import { oneOwner } from './rules/one-owner.js';
import { panicReboots } from './rules/panic-reboots.js';
import { privilegeHasReason } from './rules/privilege-has-reason.js';
import { rcuWatchdogAboveNoise } from './rules/rcu-watchdog-above-noise.js';
import { rcuWatchdogAfterGrace } from './rules/rcu-watchdog-after-grace.js';
import { rcuWatchdogKnowsPeers } from './rules/rcu-watchdog-knows-peers.js';
import { rcuWatchdogSeesBurst } from './rules/rcu-watchdog-sees-burst.js';
import { requiredNodeExists } from './rules/required-node-exists.js';
import { requiredPlacement } from './rules/required-placement.js';
import { retentionKeepsLastGood } from './rules/retention-keeps-last-good.js';
import { rolloutCanFinish } from './rules/rollout-can-finish.js';
import { schedulerLeaseOrder } from './rules/scheduler-lease-order.js';
import { scriptInFile } from './rules/script-in-file.js';
import { somebodyIsTold } from './rules/somebody-is-told.js';
import { sshKeyPrivate } from './rules/ssh-key-private.js';
import { versionPinned } from './rules/version-pinned.js';
import { waveCanEnd } from './rules/wave-can-end.js';

/** By what they guard: storage and backups, the nodes, placement, Argo CD, the objects themselves. */
export const GUARDRAILS: readonly Guardrail[] = [
  noNfs,
  nfsSoftAndBounded,
  nfsByName,
  noNfsEgress,
  backupBandwidthLimit,
  backupHostKeyPinned,
  backupLeavesTheNode,
  retentionKeepsLastGood,
  heavyJobsApart,
  backupRunsApart,
  jobEnds,
  longhornHasRecurringJob,
  longhornVolumesCovered,
  longhornBackupOffCluster,
  rcuWatchdogAboveNoise,
  rcuWatchdogAfterGrace,
  rcuWatchdogSeesBurst,
  rcuWatchdogKnowsPeers,
  hardwareWatchdogFitsBoard,
  panicReboots,
  schedulerLeaseOrder,
  oneNodeAtATime,
  requiredPlacement,
  requiredNodeExists,
  rolloutCanFinish,
  dnsOnTwoNodes,
  dnsLeftAlone,
  somebodyIsTold,
  foreignObjectProtected,
  applicationKeepsItself,
  knownSyncOptions,
  oneOwner,
  waveCanEnd,
  noSecretData,
  sshKeyPrivate,
  scriptInFile,
  versionPinned,
  nothingInstalled,
  containerResources,
  privilegeHasReason,
  noStateOfOurs,
];

/** All findings of all guardrails, errors first. */
export function checkGuardrails(
  input: GuardrailInput,
  guardrails: readonly Guardrail[] = GUARDRAILS,
): readonly Finding[] {
  const inspection = new Inspection(input);
  const findings = guardrails.flatMap((guardrail) =>
    guardrail.check(inspection).map((violation) => ({ ...violation, cluster: input.cluster.name, guardrail })),
  );
  const ofSeverity = (severity: Guardrail['severity']) =>
    findings.filter(({ guardrail }) => guardrail.severity === severity);
  return [...ofSeverity('error'), ...ofSeverity('warning')];
}
