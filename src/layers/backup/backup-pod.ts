/** The pod: what it sees of the host, what it may do, and the settings of its script. */
import { k8s } from 'cdk8s-plus-28';
import type { Backup } from '../../cluster/backup.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import type { Reasons } from '../../manifest/privileges.js';
import { KNOWN_HOSTS, SCRIPT } from './backup-files.js';
import { HOST_LIB, HOST_USR, hostPrograms } from './host-programs.js';

export const CONTAINER = 'backup';

/** Why it may do what it may do. */
export const PRIVILEGES = {
  'host-path-storage': 'these are the volumes that are copied; it reads them and cannot write to them',
  'host-path-host-usr': "rsync and ssh are the host's own, so that nothing is installed in a pod; read only",
  'host-path-host-lib': "the libraries of the host's rsync and ssh; read only",
  'backup.root': 'the files of the volumes belong to many users, and some may be read by their owner and root only',
  'backup.capability-dac-read-search': 'it reads what belongs to others; it can write to none of it',
} as const satisfies Reasons;
const STORAGE = '/storage';
const SCRIPTS = '/scripts';
const SSH_KEY = { folder: '/ssh-key', file: 'id' } as const;

/** One attempt ends a little before the Job's deadline, so that the script can still say so. */
const ATTEMPT = 0.9;

export function backupPod(backup: Backup, image: string, source: string, configMap: string): k8s.PodSpec {
  const { from } = backup;
  const { libraryFolder } = hostPrograms(from.architecture);
  return {
    nodeSelector: { [HOSTNAME_LABEL]: from.name },
    // The node whose volumes are copied may be a control plane that keeps other pods away.
    tolerations:
      from.role === 'control-plane'
        ? [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }]
        : [],
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    // No fsGroup: it would make the SSH key readable for a group, and ssh refuses such a key.
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: CONTAINER,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: [`${SCRIPTS}/${SCRIPT}`],
        env: environment(backup),
        resources: {
          requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('64Mi') },
          limits: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromString('256Mi') },
        },
        securityContext: {
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
        },
        volumeMounts: [
          { name: 'storage', mountPath: STORAGE, readOnly: true },
          { name: 'host-usr', mountPath: HOST_USR, readOnly: true },
          { name: 'host-lib', mountPath: HOST_LIB, readOnly: true },
          { name: 'ssh-key', mountPath: SSH_KEY.folder, readOnly: true },
          { name: 'scripts', mountPath: SCRIPTS, readOnly: true },
        ],
      },
    ],
    volumes: [
      // Directory: a folder that is missing on the host is not made, the pod waits and the Job fails at its deadline.
      { name: 'storage', hostPath: { path: source, type: 'Directory' } },
      { name: 'host-usr', hostPath: { path: '/usr', type: 'Directory' } },
      { name: 'host-lib', hostPath: { path: libraryFolder, type: 'Directory' } },
      {
        name: 'ssh-key',
        secret: {
          secretName: backup.keySecret.name,
          defaultMode: 0o400,
          items: [{ key: backup.keySecret.key, path: SSH_KEY.file }],
        },
      },
      { name: 'scripts', configMap: { name: configMap, defaultMode: 0o555 } },
    ],
  };
}

function environment({ from, to, bandwidthLimitKibPerSecond, deadline }: Backup): k8s.EnvVar[] {
  const { linker, libraries } = hostPrograms(from.architecture);
  const settings = {
    SOURCE: STORAGE,
    USER: to.user,
    HOST: to.host,
    PORT: to.port,
    PATH: to.path,
    BANDWIDTH_LIMIT_KIB_PER_SECOND: bandwidthLimitKibPerSecond,
    TIMEOUT_SECONDS: Math.floor(deadline.seconds * ATTEMPT),
    LINKER: linker,
    LIBRARIES: libraries.join(':'),
    RSYNC: `${HOST_USR}/bin/rsync`,
    SSH: `${HOST_USR}/bin/ssh`,
    KEY: `${SSH_KEY.folder}/${SSH_KEY.file}`,
    KNOWN_HOSTS: `${SCRIPTS}/${KNOWN_HOSTS}`,
  };
  return [
    // ssh takes the home folder from the image's passwd entry of user 0; the same is said to rsync. Nothing is written.
    { name: 'HOME', value: '/root' },
    ...Object.entries(settings).map(([name, value]) => ({ name: `LOCAL_PATH_BACKUP_${name}`, value: String(value) })),
  ];
}
