/** The ConfigMap with the scripts and the pinned host keys. Script text in `args` was mangled on its way. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Backup, BackupDestination } from '../../cluster/backup.js';
import { readScript, scriptPaths } from '../script.js';
import { hookFiles } from './hooks.js';

export const KNOWN_HOSTS = 'known_hosts';

const MIRROR = ['mirror.sh', 'finish.sh', 'host.sh', 'settings.sh'];

export interface PodFiles {
  readonly configMap: string;

  /** Changes with the files, so that a pod says which ones it ran. */
  readonly sha256: string;
}

export function addPodFiles(chart: ApplicationChart, backup: Backup): PodFiles {
  const { name, namespace, to, form } = backup;
  const offsite = form === 'snapshots' ? backup.offsite : null;
  const configMap = `${name}-files`;
  const files = {
    ...podScripts(form),
    [KNOWN_HOSTS]: knownHosts(to) + (offsite === null ? '' : knownHosts(offsite.to)),
    ...(form === 'snapshots' ? hookFiles(backup.hooks) : {}),
  };
  const data = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  new k8s.KubeConfigMap(chart, 'Files', { metadata: { name: configMap, namespace }, data });
  return { configMap, sha256: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/** The programs and their parts, byte for byte, by file name. */
export function podScripts(form: Backup['form']): Readonly<Record<string, string>> {
  const all = scriptPaths('backup', 'pod', '.sh').map((path) => basename(path));
  const names = all.filter((name) => (form === 'mirror' ? MIRROR.includes(name) : name !== 'mirror.sh'));
  return Object.fromEntries(names.map((name) => [name, readScript('backup', `pod/${name}`)]));
}

/** ssh looks the machine up under its bare name on port 22 and as `[name]:port` on any other. */
export const knownHosts = ({ host, port, hostKey }: BackupDestination): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`;
