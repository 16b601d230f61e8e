/** The prober for a Linux host outside the cluster: what is put where there. */
import { basename } from 'node:path';
import type { Reachability } from '../../cluster/cluster.js';
import { environmentFile, STATE_FOLDER } from '../../host/host-state.js';
import type { InstalledFile } from '../payload.js';
import { readScript, scriptPaths } from '../script.js';
import { NODE_PORTS, PERIOD_SECONDS } from './looks.js';

const PARTS_FOLDER = '/usr/local/lib/selfheal/reachability-prober';
const SETTINGS = '/etc/selfheal/reachability-prober.env';

export function proberFiles(reachability: Reachability): readonly InstalledFile[] {
  const shipped = (name: string, folder: string, mode: InstalledFile['mode']): InstalledFile => ({
    path: `${folder}/${basename(name)}`,
    mode,
    content: readScript('reachability', name),
  });
  return [
    ...scriptPaths('reachability', 'prober', '.sh').map((path) =>
      shipped(`prober/${basename(path)}`, PARTS_FOLDER, '0644'),
    ),
    shipped('reachability-prober.sh', '/usr/local/bin', '0755'),
    { path: SETTINGS, mode: '0644', content: environmentFile(proberEnvironment(reachability)) },
    shipped('reachability-prober.service', '/etc/systemd/system', '0644'),
    shipped('reachability-prober.timer', '/etc/systemd/system', '0644'),
  ];
}

/** Every setting of the script; an empty one means its default. */
export function proberEnvironment({
  nodes,
  tolerate,
  notify,
}: Reachability): Readonly<Record<string, string | number>> {
  return {
    REACHABILITY_TARGETS: nodes.map(({ name, address }) => `${name}/${address}/${NODE_PORTS.join('+')}`).join(','),
    REACHABILITY_TOLERATE_SECONDS: tolerate.seconds,
    REACHABILITY_PERIOD_SECONDS: PERIOD_SECONDS,
    REACHABILITY_GATEWAY: '',
    REACHABILITY_FORM: notify?.kind ?? '',
    REACHABILITY_WEBHOOK: notify?.urlFile ?? '',
    REACHABILITY_TOKEN: notify && notify.kind !== 'slack' ? notify.tokenFile : '',
    REACHABILITY_HEARTBEAT: '',
    REACHABILITY_STATE_FOLDER: `${STATE_FOLDER}/reachability`,
    REACHABILITY_SPARE_FOLDER: '/run/selfheal-reachability',
    REACHABILITY_PARTS_FOLDER: PARTS_FOLDER,
    REACHABILITY_PROC_FOLDER: '/proc',
    REACHABILITY_SETTINGS: SETTINGS,
  };
}
