/** The prober for a Linux host outside the cluster: what is to be copied there, by file name. */
import type { Cluster, Reachability } from '../../cluster/cluster.js';
import { environmentFile, STATE_FOLDER } from '../../host/host-state.js';
import { readScript } from '../script.js';

const SHIPPED = ['reachability-prober.sh', 'reachability-prober.service', 'reachability-prober.timer'] as const;

/** SSH and the kubelet: open on every node of both distributions, whatever its role. */
const PORTS = [22, 10_250] as const;

/** The script goes to /usr/local/bin, the units to /etc/systemd/system, the settings to /etc/selfheal. */
export function proberFiles(_cluster: Cluster, reachability: Reachability): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(SHIPPED.map((name) => [name, readScript('reachability', name)])),
    'reachability-prober.env': environmentFile(proberEnvironment(reachability)),
  };
}

/** Every setting of the script; an empty one means its default. */
export function proberEnvironment({ nodes, tolerate }: Reachability): Readonly<Record<string, string | number>> {
  return {
    REACHABILITY_TARGETS: nodes.map(({ name, address }) => `${name}/${address}/${PORTS.join('+')}`).join(','),
    REACHABILITY_TOLERATE_SECONDS: tolerate.seconds,
    REACHABILITY_GATEWAY: '',
    REACHABILITY_WEBHOOK: '',
    REACHABILITY_STATE_FOLDER: `${STATE_FOLDER}/reachability`,
    REACHABILITY_PROC_FOLDER: '/proc',
  };
}
