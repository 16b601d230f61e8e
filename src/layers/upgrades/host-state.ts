/** What an upgrade needs on the hosts: three scripts, the units that own their runs, and their settings. */
import { formatClockTime } from '../../cluster/clock-time.js';
import type { Cluster, HostGroup, Upgrades } from '../../cluster/cluster.js';
import {
  environmentFile,
  type HostFile,
  type HostState,
  NOTHING,
  SETTINGS_FOLDER,
  STATE_FOLDER,
} from '../../host/host-state.js';
import { readScript } from '../script.js';
import { planNames } from './plan-names.js';

const SCRIPTS = ['selfheal-upgrade-gate.sh', 'selfheal-os-upgrade.sh', 'selfheal-upgrade-run.sh'] as const;
const UNITS = ['selfheal-upgrade-gate@.service', 'selfheal-os-upgrade@.service'] as const;

/** Where the Plan's pods find the script that runs a unit to its end. */
export const RUN_PROGRAM = '/usr/local/sbin/selfheal-upgrade-run.sh';

/** On top of the settling time: for a node that is slow to come back, or that another Job still works on. */
const PATIENCE_SECONDS = 1800;

export function upgradesHostState(cluster: Cluster, group: HostGroup): HostState {
  if (!cluster.upgrades) return NOTHING;
  const { upgrades } = cluster;
  return {
    ...NOTHING,
    // No unit is listed as running: a Plan starts them, one node at a time.
    files: [
      ...SCRIPTS.map((name) => file(`/usr/local/sbin/${name}`, '0755', readScript('upgrades', name))),
      ...UNITS.map((name) => file(`/etc/systemd/system/${name}`, '0644', readScript('upgrades', name))),
      file(`${SETTINGS_FOLDER}/upgrade-gate.env`, '0644', environmentFile(gateSettings(cluster, upgrades, group))),
      file(`${SETTINGS_FOLDER}/os-upgrade.env`, '0644', environmentFile(upgradeSettings(cluster, upgrades, group))),
    ],
  };
}

const file = (path: string, mode: HostFile['mode'], content: string): HostFile => ({ path, mode, content });

function gateSettings(cluster: Cluster, { namespace, timeZone, ubuntu }: Upgrades, { role }: HostGroup) {
  // A worker may read its own Node and no other, so it waits for itself alone. The worker before it does not end its
  // Job before it is well, and the control plane looks at everybody.
  const others = role === 'control-plane' ? cluster.nodes : [];
  const workers = others.filter((node) => node.role === 'worker');
  const { window, settle, to } = ubuntu;
  return {
    GATE_RELEASE: to,
    GATE_KUBECTL: quoted(kubectl(cluster, role)),
    GATE_DAYS: window.days.join(','),
    GATE_FROM: formatClockTime(window.start),
    GATE_UNTIL: formatClockTime(window.end),
    GATE_TIME_ZONE: timeZone,
    GATE_OTHERS: others.map(({ name }) => name).join(','),
    GATE_FIRST: workers.map(({ name }) => name).join(','),
    GATE_FIRST_PLAN: workers.length > 0 ? `${namespace}/${planNames.workers}` : '',
    GATE_SETTLE_SECONDS: settle.seconds,
    GATE_DEADLINE_SECONDS: settle.seconds + PATIENCE_SECONDS,
    GATE_STATE: STATE,
  };
}

const upgradeSettings = (cluster: Cluster, { ubuntu: { from, to, settle } }: Upgrades, { role }: HostGroup) => ({
  UPGRADE_FROM: from,
  UPGRADE_TO: to,
  UPGRADE_KUBECTL: quoted(kubectl(cluster, role)),
  UPGRADE_SETTLE_SECONDS: settle.seconds,
  UPGRADE_VERIFY_DEADLINE_SECONDS: settle.seconds + PATIENCE_SECONDS,
  UPGRADE_STATE: STATE,
});

const STATE = `${STATE_FOLDER}/os-upgrade`;

const kubectl = ({ distribution }: Cluster, role: HostGroup['role']): string =>
  role === 'control-plane' ? distribution.kubectlCommand : distribution.nodeKubectlCommand;

const quoted = (words: string): string => `"${words}"`;
