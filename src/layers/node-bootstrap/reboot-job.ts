/**
 * The Job by which a roll reboots a host: it enters the host as node-bootstrap does, with less.
 *
 * Made at run time and by nobody's Application. It carries its program with it, so that what runs is what the roll
 * brought, whatever state the host is in; and the boot that it is to end, so that it ends no other.
 */
import type { Cluster } from '../../cluster/cluster.js';
import type { Manifest } from '../../manifest/manifest.js';
import { capabilityPower, privilegeAnnotations } from '../../manifest/privileges.js';
import { readScript } from '../script.js';
import { ENTER } from './capabilities.js';
import { enterHost } from './enter-host.js';
import { NODE_BOOTSTRAP_NAMESPACE, UNCONFINED } from './host-pod.js';

interface RebootJobProps {
  readonly cluster: Cluster;
  readonly node: string;
  readonly name: string;
  /** The boot that it is to end. */
  readonly bootId: string;
  /** What a roll finds it again by. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The image may have to be pulled first; the program itself takes seconds. */
const DEADLINE_SECONDS = 300;

export function rebootJob({ cluster, node, name, bootId, labels, annotations }: RebootJobProps): Manifest {
  const { settings, text } = hostReboot({ cluster, node, bootId });
  const program = [...settings, 'bash', '/dev/stdin'];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: NODE_BOOTSTRAP_NAMESPACE,
      labels,
      annotations: { ...annotations, ...privilegeAnnotations(REASONS) },
    },
    spec: {
      // Never a second time: what a lost pod did to the host is for the roll to find out.
      backoffLimit: 0,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: {
        metadata: { labels, annotations },
        spec: {
          restartPolicy: 'Never',
          // The node is cordoned: no scheduler is asked.
          nodeName: node,
          tolerations: [{ operator: 'Exists' }],
          priorityClassName: 'system-node-critical',
          hostPID: true,
          hostNetwork: true,
          dnsPolicy: 'Default',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // Nothing of it is worth waiting for while the host goes down.
          terminationGracePeriodSeconds: 1,
          securityContext: UNCONFINED,
          containers: [
            {
              name: 'reboot',
              image: cluster.images.alpine,
              imagePullPolicy: 'IfNotPresent',
              command: ['/bin/sh', '-c', 'printf %s "$HOST_PROGRAM" | "$@"', 'enter-host'],
              args: [...enterHost(program)],
              env: [{ name: 'HOST_PROGRAM', value: text }],
              resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '64Mi' } },
              // Why it refused shows in the pod's status, also where nobody may read logs.
              terminationMessagePolicy: 'FallbackToLogsOnError',
              securityContext: {
                runAsUser: 0,
                readOnlyRootFilesystem: true,
                privileged: false,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: Object.keys(ENTER) },
                seccompProfile: { type: 'RuntimeDefault' },
              },
            },
          ],
        },
      },
    },
  };
}

/** The program, and the environment that it is to have on that host, whoever brings it there. */
export const hostReboot = ({ cluster, node, bootId }: Pick<RebootJobProps, 'cluster' | 'node' | 'bootId'>) => ({
  settings: [`HOST_REBOOT_BOOT_ID=${bootId}`, `HOST_REBOOT_SANDBOX_UNIT=${sandboxUnitOf(cluster, node)}`],
  text: readScript('node-bootstrap', 'host-reboot.sh'),
});

const REASONS = {
  'host-pid': 'PID 1 must be the one of the host: its systemd is the one that reboots',
  'host-network': 'it works where the pod network is what is broken',
  'reboot.root': "systemd's private socket is root's",
  'reboot.no-cpu-limit': 'it is one short program, and its memory is bounded',
  'reboot.no-apparmor': 'the profile of containerd denies reading the namespaces of an unconfined process',
  ...Object.fromEntries(Object.entries(ENTER).map(([name, why]) => [`reboot.${capabilityPower(name)}`, why])),
};

/** Empty where the description leaves the sandboxes alone, or takes back what was brought to the host. */
function sandboxUnitOf({ hosts }: Cluster, node: string): string {
  const group = hosts.find(({ nodes, state }) => state === 'described' && nodes.some(({ name }) => name === node));
  return group?.sandboxCleanup?.beforeReboot ? 'selfheal-before-reboot.service' : '';
}
