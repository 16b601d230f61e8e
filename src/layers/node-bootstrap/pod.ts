/** The pod: brings the host to its state when it starts, and watches it from then on. */
import { k8s } from 'cdk8s-plus-28';
import type { HostGroup, Images } from '../../cluster/cluster.js';
import { STATE_FOLDER } from '../../host/host-state.js';
import { HOSTNAME_LABEL, requiredNodeAffinity } from '../../manifest/node-affinity.js';
import { capabilityPower, type Reasons } from '../../manifest/privileges.js';
import { type Capabilities, CONVERGE, LOOK } from './capabilities.js';
import { converge, WATCH_FOLDER, watch } from './containers.js';
import { onDriftOf } from './plan.js';

export function bootstrapPod(group: HostGroup, { alpine }: Images, payloadSources: readonly string[]): k8s.PodSpec {
  const { forConverge, forWatch } = powersFor(group);
  return {
    ...placement(group),
    // A host that is cordoned, not ready or tainted is the one that needs it most.
    tolerations: [{ operator: 'Exists' }],
    priorityClassName: 'system-node-critical',
    hostPid: true,
    hostNetwork: true,
    dnsPolicy: 'Default',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    initContainers: [converge(alpine, powerContext(forConverge))],
    containers: [watch(alpine, group, powerContext(forWatch))],
    volumes: [
      {
        name: 'payload',
        projected: { defaultMode: 0o555, sources: payloadSources.map((name) => ({ configMap: { name } })) },
      },
      { name: 'host-state', hostPath: { path: STATE_FOLDER, type: 'DirectoryOrCreate' } },
      { name: 'watch', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString(WATCH_FOLDER.sizeLimit) } },
    ],
  };
}

/** Why it may do what it may do. */
export function privilegesOf(group: HostGroup): Reasons {
  const { forConverge, forWatch } = powersFor(group);
  return {
    'host-pid':
      'PID 1 must be the one of the host: its namespaces are the ones to enter, and systemctl asks for its root',
    'host-network': 'it works where the pod network is what is broken, and adds no veth pair to the churn',
    'host-path-host-state': 'the payload is put where the host can run it',
    ...reasonsFor('converge', forConverge),
    ...reasonsFor('watch', forWatch),
  };
}

/** All of them, where a program of the host needs the devices that only a privileged container may open. */
type Powers = Capabilities | 'privileged';

function powersFor(group: HostGroup): { readonly forConverge: Powers; readonly forWatch: Powers } {
  const forConverge: Powers = group.bootLoader === 'grub' ? 'privileged' : CONVERGE;
  return { forConverge, forWatch: onDriftOf(group) === 'restore' ? forConverge : LOOK };
}

function powerContext(powers: Powers): k8s.SecurityContext {
  const common = { runAsUser: 0, readOnlyRootFilesystem: true };
  if (powers === 'privileged') return { ...common, privileged: true };
  return {
    ...common,
    privileged: false,
    // setns(2) asks for capabilities and not for more of them. Spelled CAP_SYS_ADMIN the API server would refuse it here.
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], add: Object.keys(powers) },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function reasonsFor(container: string, powers: Powers): Reasons {
  const common: Reasons = {
    [`${container}.root`]: "the files of the host and systemd's private socket are root's",
    [`${container}.no-cpu-limit`]: 'throttled it would hold the node back when it starts; its memory is bounded',
  };
  if (powers === 'privileged')
    return {
      ...common,
      [`${container}.privileged`]:
        'update-grub reads the block devices of the host, which only a privileged container may open',
    };
  return {
    ...common,
    [`${container}.no-apparmor`]: 'the profile of containerd denies reading the namespaces of an unconfined process',
    ...Object.fromEntries(
      Object.entries(powers).map(([name, reason]) => [`${container}.${capabilityPower(name)}`, reason]),
    ),
  };
}

/** One node is named; several are listed, because a selector knows one value only. */
function placement({ nodes }: HostGroup): Pick<k8s.PodSpec, 'nodeSelector' | 'affinity'> {
  const names = nodes.map(({ name }) => name);
  const [first, ...others] = names;
  if (first !== undefined && others.length === 0) return { nodeSelector: { [HOSTNAME_LABEL]: first } };
  return {
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: { nodeAffinity: requiredNodeAffinity('In', names) },
  };
}
