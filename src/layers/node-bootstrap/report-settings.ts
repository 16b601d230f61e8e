/** What host-report.sh must know of a host's distribution, as a file of settings on the host. */
import type { Cluster, HostGroup } from '../../cluster/cluster.js';
import { hasKine } from '../../cluster/datastore.js';
import { environmentFile, type HostFile, SETTINGS_FOLDER, STATE_FOLDER } from '../../host/host-state.js';

const PATH = `${SETTINGS_FOLDER}/host-report.env`;

/** As far back as DatastoreRequestErrors looks. */
const LOG_SECONDS = 600;

export function reportSettings(cluster: Cluster, group: HostGroup): HostFile {
  const { distribution, controlPlane } = cluster;
  const settings = {
    REPORT_KUBELET_UNIT: distribution.kubeletUnit[group.role],
    ...(hasKine(cluster, group.role) && { REPORT_DATASTORE_UNIT: distribution.datastoreUnit }),
    REPORT_LOG_SECONDS: LOG_SECONDS,
    REPORT_API_ADDRESS: group.role === 'control-plane' ? '127.0.0.1' : controlPlane.address,
    REPORT_API_PORT: distribution.apiPort,
    REPORT_PROGRAMS_FOLDER: distribution.iptablesFolder,
    REPORT_DISKS: quoted(['/', STATE_FOLDER, distribution.containerdRoot, distribution.localPathRoot]),
    REPORT_CERTIFICATES: quoted(distribution.certificateFolders),
  };
  return { path: PATH, mode: '0644', content: environmentFile(settings) };
}

const quoted = (words: readonly string[]): string => `"${words.join(' ')}"`;
