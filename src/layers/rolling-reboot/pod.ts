/** The pod of a roll: Node.js with one program, that talks to the API server and to nobody else but who is notified. */
import { k8s } from 'cdk8s-plus-28';
import type { Cluster } from '../../cluster/cluster.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import type { Reasons } from '../../manifest/privileges.js';
import { PROGRAM_FILE } from './files.js';
import { DESCRIPTION, NAME, PROGRAM } from './names.js';

export const CONTAINER = 'roll';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';
const PROGRAM_FOLDER = '/opt/selfheal';
const DESCRIPTION_FOLDER = '/etc/selfheal';

/** Each look is let go only when the next ones need its room: without a bound it grows until the kernel ends it. */
const HEAP_MEBIBYTES = 160;

/** Nobody's, and not the one that images like to run as. */
const USER = 65_532;

export const PRIVILEGES = {
  token: 'it marks and drains nodes, and makes the Jobs that reboot them',
  'roll.no-cpu-limit': 'throttled it could be too late to renew its lock; its memory is bounded',
} as const satisfies Reasons;

export function rollPod({ images, nodes }: Cluster): k8s.PodSpec {
  return {
    // Another pod, perhaps on another node: the kubelet of this one may be going down.
    restartPolicy: 'Never',
    serviceAccountName: NAME,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    priorityClassName: 'system-cluster-critical',
    // Time for the write that is under way, and to give the lock back: else the next pod waits until it has run out.
    terminationGracePeriodSeconds: 30,
    // Where everything else is full or away, a control plane must do. Not on a node that is cordoned: it may be ours.
    tolerations: [
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
    ],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: {
      nodeAffinity: {
        // The control plane goes last: there the roll moves once, and not twice.
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            preference: {
              matchExpressions: [
                {
                  key: HOSTNAME_LABEL,
                  operator: 'In',
                  values: nodes.filter(({ role }) => role === 'control-plane').map(({ name }) => name),
                },
              ],
            },
          },
        ],
      },
    },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: CONTAINER,
        image: images.node,
        imagePullPolicy: 'IfNotPresent',
        command: ['node'],
        args: [
          `--max-old-space-size=${HEAP_MEBIBYTES}`,
          `${PROGRAM_FOLDER}/${PROGRAM_FILE}`,
          DESCRIPTION_FOLDER,
          TOKEN,
        ],
        // Who a mark says set it: its user has no name.
        env: [{ name: 'USER', value: NAME }],
        resources: {
          requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('96Mi') },
          // Twice the heap: Node.js itself, and the answers that are being read.
          limits: { memory: k8s.Quantity.fromString(`${2 * HEAP_MEBIBYTES}Mi`) },
        },
        terminationMessagePolicy: 'FallbackToLogsOnError',
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          privileged: false,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'program', mountPath: PROGRAM_FOLDER, readOnly: true },
          { name: 'description', mountPath: DESCRIPTION_FOLDER, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: 'program', configMap: { name: PROGRAM } },
      { name: 'description', configMap: { name: DESCRIPTION } },
    ],
  };
}
