/** The ConfigMap with the script and the other machine's host key. Script text in `args` was mangled on its way. */
import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Backup } from '../../cluster/backup.js';
import { readScript } from '../script.js';

export const SCRIPT = 'backup.sh';
export const KNOWN_HOSTS = 'known_hosts';

export interface BackupFiles {
  readonly configMap: string;

  /** Changes with the files, so that a pod says which ones it ran. */
  readonly sha256: string;
}

export function addBackupFiles(chart: ApplicationChart, { name, namespace, to }: Backup): BackupFiles {
  const configMap = `${name}-files`;
  const data = { [SCRIPT]: readScript('backup', SCRIPT), [KNOWN_HOSTS]: knownHosts(to) };
  new k8s.KubeConfigMap(chart, 'Files', { metadata: { name: configMap, namespace }, data });
  return { configMap, sha256: createHash('sha256').update(JSON.stringify(data)).digest('hex') };
}

/** ssh looks the machine up under its bare name on port 22 and as `[name]:port` on any other. */
const knownHosts = ({ host, port, hostKey }: Backup['to']): string =>
  `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`;
