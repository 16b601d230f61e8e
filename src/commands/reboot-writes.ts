/** The one write of a step, and what became of it. */
import type { Cluster } from '../cluster/cluster.js';
import { rebootJob } from '../layers/node-bootstrap/reboot-job.js';
import type { KubeActions, Written } from '../live/kube-actions.js';
import type { LiveObject } from '../manifest/live-object.js';
import type { Manifest } from '../manifest/manifest.js';
import { jobName } from '../manifest/reboot-job-name.js';
import { LEASE_MS } from '../ops/reboot/lock.js';
import { BOOT_ANNOTATION, LEASE, nodePatch, ROLL_ANNOTATION } from '../ops/reboot/names.js';
import type { LeaseWrite, SeenLease, Step } from '../ops/reboot/state.js';

type Write = Extract<Step, { do: 'lease' | 'remove-lease' | 'mark' | 'reboot' | 'remove-job' }>;

interface Hand {
  readonly actions: KubeActions;
  readonly cluster: Cluster;
  /** For people: nothing is decided by it. */
  readonly time: () => Date;
}

export async function write(
  { actions, cluster, time }: Hand,
  step: Write,
  lease: SeenLease | null,
): Promise<Written<unknown>> {
  switch (step.do) {
    case 'lease': {
      const manifest = leaseOf(step, time());
      if (step.guard === null) return actions.create(manifest);
      const { metadata } = manifest;
      const guard = { uid: lease?.uid ?? '', resourceVersion: step.guard };
      // Whole but for what the server itself keeps of it.
      return actions.replace({ ...manifest, metadata: { ...metadata, ...guard } } as LiveObject);
    }
    case 'remove-lease':
      // Whoever has taken it over since keeps it.
      return actions.remove({ ...LEASE_KIND, ...LEASE }, step);
    case 'mark': {
      const { metadata, ...patch } = nodePatch(step);
      return actions.merge(
        { apiVersion: 'v1', kind: 'Node', name: step.node },
        // As the API writes them: plain data.
        JSON.parse(JSON.stringify({ ...patch, metadata })) as Parameters<KubeActions['merge']>[1],
        { resourceVersion: step.guard },
      );
    }
    case 'reboot': {
      const { node, bootId, roll } = step;
      const labels = { 'app.kubernetes.io/name': LEASE.name };
      const annotations = { [ROLL_ANNOTATION]: roll, [BOOT_ANNOTATION]: bootId };
      return actions.create(rebootJob({ cluster, node, name: jobName(node), bootId, labels, annotations }));
    }
    case 'remove-job':
      return actions.remove(
        { apiVersion: 'batch/v1', kind: 'Job', namespace: LEASE.namespace, name: jobName(step.node) },
        { uid: step.uid },
      );
  }
}

const LEASE_KIND = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;

/** With a time of day in it, each renewal is another object: a write that changes nothing has no new version. */
function leaseOf({ holder, roll }: LeaseWrite, time: Date): Manifest {
  return {
    ...LEASE_KIND,
    metadata: {
      ...LEASE,
      ...(roll !== null && { annotations: { [ROLL_ANNOTATION]: JSON.stringify(roll) } }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: LEASE_MS / 1_000,
      renewTime: time.toISOString().replace('Z', '000Z'),
    },
  };
}
