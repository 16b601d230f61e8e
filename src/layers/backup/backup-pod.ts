/** The pod of a run: what it sees, what it may do, and how much of the node it may take. */
import { k8s } from 'cdk8s-plus-28';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import { environment, SCRIPTS } from './connection.js';
import type { Run } from './run.js';

export function backupPod(run: Run, image: string): k8s.PodSpec {
  const { node, pieces } = run;
  return {
    nodeSelector: { [HOSTNAME_LABEL]: node.name },
    // The node whose volumes are copied may be a control plane that keeps other pods away.
    tolerations:
      node.role === 'control-plane'
        ? [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }]
        : [],
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceSeconds(run),
    // No fsGroup: it would make the SSH key readable for a group, and ssh refuses such a key.
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: run.container,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: [`${SCRIPTS}/${run.script}`],
        env: environment(run.settings),
        resources: {
          requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString('64Mi') },
          limits: { cpu: k8s.Quantity.fromString('500m'), memory: k8s.Quantity.fromString('256Mi') },
        },
        securityContext: {
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: [...run.capabilities] },
        },
        volumeMounts: pieces.map(({ mount }) => mount),
      },
    ],
    volumes: pieces.map(({ volume }) => volume),
  };
}

/** Time for the requests that end what the hooks began, for the last line and the metrics. */
const graceSeconds = ({ hooks }: Run): number => 30 + hooks.reduce((sum, { timeout }) => sum + timeout.seconds, 0);
