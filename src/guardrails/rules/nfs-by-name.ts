/** A kernel NFS mount that was asked for by name is said again at each synth. */
import type { Guardrail } from '../guardrail.js';

export const nfsByName: Guardrail = {
  id: 'nfs-by-name',
  severity: 'warning',
  lesson: 'The soft mount worked as designed, and the flood of its short failures froze the node all the same.',
  incident: 'nov-5-soft-nfs',
  check: ({ cluster: { longhorn } }) =>
    longhorn?.backupTarget.kind === 'kernel-nfs'
      ? [
          {
            where: 'longhorn.backupTarget',
            found: `expected no kernel NFS mount, got kind "kernel-nfs" (server ${JSON.stringify(longhorn.backupTarget.server)})`,
            mend: 'use kind "s3", e.g. with a MinIO on the machine that serves NFS now',
          },
        ]
      : [],
};
