/** What the checks need on a host: themselves, their settings, a timer for those that look at it, and NRPE's commands. */
import type { Checks, Cluster, HostGroup } from '../../cluster/cluster.js';
import { environmentFile, type HostFile, type HostState, NOTHING, SETTINGS_FOLDER } from '../../host/host-state.js';
import { readScript } from '../script.js';
import { checksEnvironment, LIBRARY } from './environment.js';
import { type PlugIn, plugInsFor } from './plug-ins.js';

const LAYER = 'checks';
const PROGRAM = 'selfheal-checks';

/** Read by Debian's nrpe.cfg at its start; without NRPE nobody reads it. */
const NRPE_COMMANDS = '/etc/nagios/nrpe.d/selfheal.cfg';

export function checksHostState(cluster: Cluster, group: HostGroup, checks: Checks): HostState {
  const plugIns = plugInsFor(cluster, group);
  return {
    ...NOTHING,
    // What a file calls stands before it: a host that gets only some of them has nothing that calls what is not there.
    files: [
      ...['plugin.sh', 'verdict.sh', 'cluster.sh', 'nat-rules.sh', 'unit-log.sh', 'watchdog-report.sh'].map((name) =>
        program(name, name, '0644'),
      ),
      ...plugIns.map(({ name, script }) => program(`${name}.sh`, script)),
      ...(checks.nrpe ? [program('make-kubeconfig.sh')] : []),
      program(`${PROGRAM}.sh`),
      {
        path: `${SETTINGS_FOLDER}/checks.env`,
        mode: '0644',
        content: environmentFile(checksEnvironment(cluster, group, checks)),
      },
      ...[`${PROGRAM}.service`, `${PROGRAM}.timer`].map(unit),
      ...(checks.nrpe ? [{ path: NRPE_COMMANDS, mode: '0644', content: nrpeCommands(plugIns) } as const] : []),
    ],
    units: [`${PROGRAM}.timer`],
  };
}

/** What looks at the host as root is not run by NRPE, which has no such right: it tells what root's timer saw last. */
const nrpeCommands = (plugIns: readonly PlugIn[]): string =>
  plugIns
    .map(({ name, looksAt }) => `command[${name}]=${LIBRARY}/${name}.sh${looksAt === 'host' ? ' --last' : ''}\n`)
    .join('');

function program(name: string, script = name, mode: HostFile['mode'] = '0755'): HostFile {
  return { path: `${LIBRARY}/${name}`, mode, content: readScript(LAYER, script) };
}

function unit(name: string): HostFile {
  return { path: `/etc/systemd/system/${name}`, mode: '0644', content: readScript(LAYER, name) };
}
