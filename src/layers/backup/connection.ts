/** How a pod on a node reaches the other machine: the host's programs, the key, the pinned host key, and the settings. */
import { k8s } from 'cdk8s-plus-28';
import type { BackupCopy, BackupDestination } from '../../cluster/backup.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import { HOST_LIB, HOST_USR, hostPrograms } from './host-programs.js';
import { hostFolder, type Piece } from './pieces.js';
import { KNOWN_HOSTS } from './pod-files.js';

export const SCRIPTS = '/scripts';
const SSH_KEY = { folder: '/ssh-key', file: 'id' } as const;

/** Lists of files, notes of the run, the shared connection's socket. In memory: it is gone with the pod. */
const RUN_FOLDER = { path: '/run/backup', sizeLimit: '64Mi' } as const;

type Settings = Readonly<Record<string, string | number>>;

export interface Connection {
  /** By their names without `LOCAL_PATH_BACKUP_`. */
  readonly settings: Settings;
  readonly pieces: readonly Piece[];
}

/** To any machine with sshd and rsync. */
export function connection(
  {
    to,
    keySecret,
    bandwidthLimitKibPerSecond,
  }: Pick<BackupCopy, 'keySecret' | 'bandwidthLimitKibPerSecond'> & {
    readonly to: BackupDestination;
  },
  { architecture }: ClusterNode,
  configMap: string,
): Connection {
  const { linker, libraries, libraryFolder } = hostPrograms(architecture);
  return {
    settings: {
      USER: to.user,
      HOST: to.host,
      PORT: to.port,
      PATH: to.path,
      BANDWIDTH_LIMIT_KIB_PER_SECOND: bandwidthLimitKibPerSecond,
      LINKER: linker,
      LIBRARIES: libraries.join(':'),
      RSYNC: `${HOST_USR}/bin/rsync`,
      SSH: `${HOST_USR}/bin/ssh`,
      KEY: `${SSH_KEY.folder}/${SSH_KEY.file}`,
      KNOWN_HOSTS: `${SCRIPTS}/${KNOWN_HOSTS}`,
    },
    pieces: [
      hostFolder('host-usr', '/usr', HOST_USR),
      hostFolder('host-lib', libraryFolder, HOST_LIB),
      {
        volume: {
          name: 'ssh-key',
          secret: {
            secretName: keySecret.name,
            defaultMode: 0o400,
            items: [{ key: keySecret.key, path: SSH_KEY.file }],
          },
        },
        mount: { name: 'ssh-key', mountPath: SSH_KEY.folder, readOnly: true },
      },
      {
        volume: { name: 'scripts', configMap: { name: configMap, defaultMode: 0o555 } },
        mount: { name: 'scripts', mountPath: SCRIPTS, readOnly: true },
      },
    ],
  };
}

/** To a machine with the server program: one connection is shared, and what it says is noted down. */
export function serverConnection(...of: Parameters<typeof connection>): Connection {
  const { settings, pieces } = connection(...of);
  const { path, sizeLimit } = RUN_FOLDER;
  return {
    settings: { ...settings, RUN_FOLDER: path },
    pieces: [
      ...pieces,
      {
        volume: { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString(sizeLimit) } },
        mount: { name: 'run', mountPath: path },
      },
    ],
  };
}

export const environment = (settings: Settings): k8s.EnvVar[] => [
  // ssh takes the home folder from the image's passwd entry of user 0; the same is said to rsync. Nothing is written.
  { name: 'HOME', value: '/root' },
  ...Object.entries(settings).map(([name, value]) => ({ name: `LOCAL_PATH_BACKUP_${name}`, value: String(value) })),
];
