/** The settings of the checks on a host: those of the checks that it has, and no others. */
import type { Checks, Cluster, HostGroup } from '../../cluster/cluster.js';
import { wantedDns } from '../../cluster/patches.js';
import { STATE_FOLDER, TEXTFILE_FOLDER } from '../../host/host-state.js';
import { UNTOUCHED, UNTOUCHED_WITH_CLAIM } from '../untouched-pods.js';
import { NAMESPACE } from './access.js';
import { backupCopies, plugInsFor } from './plug-ins.js';
import { CALICO_RESTARTS, DATASTORE_ERRORS, quorumOf, SANDBOX_STORM, UNRENEWED, WATCHDOG } from './thresholds.js';

type Environment = Readonly<Record<string, string | number>>;

export const LIBRARY = '/usr/local/lib/selfheal/checks';

/** The timer's minute, what a run may take, and a minute more. */
const LAST_SECONDS = 240;

export function checksEnvironment(cluster: Cluster, group: HostGroup, checks: Checks): Environment {
  const { distribution } = cluster;
  const dns = wantedDns(cluster);
  const has = new Set(plugInsFor(cluster, group).map(({ name }) => name));
  // Its certificate is good for that, and a host that asks itself needs no other. On a worker nobody listens there.
  const address = group.role === 'control-plane' ? '127.0.0.1' : cluster.controlPlane.address;
  const server = `https://${inUrl(address)}:${distribution.apiPort}`;
  const hostSide = plugInsFor(cluster, group).filter(({ looksAt }) => looksAt === 'host');
  return {
    CHECKS_HOST_SIDE: quoted(hostSide.map(({ name }) => name)),
    CHECKS_LIBRARY: LIBRARY,
    CHECKS_TIMEOUT_SECONDS: 30,
    CHECKS_LAST_SECONDS: LAST_SECONDS,
    CHECKS_RUN_FOLDER: '/run/selfheal/checks',
    CHECKS_STATE_FOLDER: `${STATE_FOLDER}/checks`,
    CHECKS_TEXTFILE_FOLDER: TEXTFILE_FOLDER,
    CHECKS_PROC_FOLDER: '/proc',
    CHECKS_PROGRAMS_FOLDER: distribution.iptablesFolder,
    CHECKS_NODE_KUBECTL: quoted([distribution.nodeKubectlCommand]),
    ...(checks.nrpe && {
      CHECKS_KUBECTL: quoted([
        `${distribution.plainKubectlCommand} --kubeconfig=${checks.nrpe.kubeconfig} --server=${server}`,
      ]),
      CHECKS_ADMIN_KUBECTL: quoted([distribution.kubectlCommand]),
      CHECKS_KUBECONFIG: checks.nrpe.kubeconfig,
      CHECKS_NAMESPACE: NAMESPACE,
      CHECKS_SERVER: server,
      CHECKS_UNTOUCHED_SECONDS: UNTOUCHED.seconds,
      CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS: UNTOUCHED_WITH_CLAIM.seconds,
      CHECKS_SANDBOX_ERRORS: SANDBOX_STORM.errors,
      CHECKS_SANDBOX_SECONDS: SANDBOX_STORM.within.seconds,
      ...(has.has('check_k8s_lease_holder') && { CHECKS_UNRENEWED_SECONDS: UNRENEWED.seconds }),
      ...(dns && { CHECKS_COREDNS_REPLICAS: dns.replicas }),
      ...jivaSettings(cluster),
      ...backupSettings(cluster),
    }),
    ...(cluster.calico && {
      CHECKS_NODES: quoted(group.nodes.map(({ name }) => name)),
      CHECKS_CALICO_NAMESPACE: 'kube-system',
      CHECKS_CALICO_RESTARTS: CALICO_RESTARTS.more,
      CHECKS_CALICO_WINDOW_SECONDS: CALICO_RESTARTS.within.seconds,
      CHECKS_CALICO_BOOT_SECONDS: CALICO_RESTARTS.afterReboot.seconds,
    }),
    ...((has.has('check_dqlite_locks') || has.has('check_kine_locks')) && {
      CHECKS_DATASTORE_UNIT: distribution.datastoreUnit,
      CHECKS_DATASTORE_ERRORS: DATASTORE_ERRORS.lines,
      CHECKS_DATASTORE_SECONDS: DATASTORE_ERRORS.within.seconds,
    }),
    ...watchdogSettings(group),
  };
}

const jivaSettings = ({ jiva }: Cluster): Environment =>
  jiva === null
    ? {}
    : {
        CHECKS_JIVA_NAMESPACE: jiva.namespace,
        CHECKS_JIVA_REPLICAS: jiva.replicas,
        CHECKS_JIVA_QUORUM: quorumOf(jiva.replicas),
      };

const backupSettings = ({ backup }: Cluster): Environment =>
  backup === null
    ? {}
    : {
        CHECKS_BACKUP_NAMESPACE: backup.namespace,
        CHECKS_BACKUPS: quoted(backupCopies(backup).map(({ name, staleAfter }) => `${name}=${staleAfter.seconds}`)),
      };

function watchdogSettings({ rcuWatchdog: watchdog }: HostGroup): Environment {
  if (watchdog === null) return {};
  const every = watchdog.form === 'timer' ? watchdog.checkEvery.seconds : WATCHDOG.tickSeconds;
  return {
    CHECKS_WATCHDOG_FOLDER: '/run/selfheal/watchdog',
    CHECKS_WATCHDOG_SILENT_SECONDS: WATCHDOG.missed * every,
    CHECKS_WATCHDOG_FIRST_SECONDS: watchdog.form === 'timer' ? watchdog.startupGrace.seconds : 0,
  };
}

/** An IPv6 address stands in brackets there. */
const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** systemd splits at blanks outside of quotes, and the scripts take the quotes off. */
const quoted = (words: readonly string[]): string => `"${words.join(' ')}"`;
