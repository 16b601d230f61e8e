/** Reads each object that is patched, and says who owns its fields. */
import { applicationName } from '../argo/application-name.js';
import { FOREIGN } from '../argo/sync-options.js';
import type { Cluster } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { refOf } from '../manifest/live-object.js';
import type { CheckResult } from '../ops/check/result.js';
import { patchOwnership } from '../ops/foreign/ownership.js';
import { renderCluster } from '../synth/render.js';

export async function checkPatchOwnership(cluster: Cluster, api: KubeApi): Promise<readonly CheckResult[]> {
  const patches = renderCluster(cluster).filter(
    ({ manifest }) => manifest.metadata.annotations?.[FOREIGN] !== undefined,
  );
  if (patches.length === 0)
    return [
      {
        check: 'patch-ownership',
        subject: `cluster ${cluster.name}`,
        verdict: 'pass',
        expected: '',
        found: 'no object of others is patched',
        incident: null,
        next: '',
        cause: null,
      },
    ];
  return Promise.all(
    patches.map(async ({ application, manifest }) =>
      patchOwnership(manifest, applicationName(cluster, application), await api.get(refOf(manifest))),
    ),
  );
}
