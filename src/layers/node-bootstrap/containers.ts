/** The two containers: one that brings the host to its state and ends, one that watches it from then on. */
import { k8s } from 'cdk8s-plus-28';
import type { HostGroup } from '../../cluster/cluster.js';
import { STATE_FOLDER, TEXTFILE_FOLDER } from '../../host/host-state.js';
import { CONTENT_HASH } from './content-hash.js';
import { enterHost } from './enter-host.js';
import { BOOTSTRAP_FOLDER, onDriftOf } from './plan.js';

export const WATCH_FOLDER = { path: '/run/watch', sizeLimit: '1Mi' } as const;

const PAYLOAD_FOLDER = '/payload';
const HOST_STATE_FOLDER = '/host';
const HOST_PAYLOAD = `${BOOTSTRAP_FOLDER}/payload`;

/** A fight over one file is ended after this many rounds within an hour. */
const MAX_RESTORES = 3;

/** Each is a process in the container, as dear as a look itself. */
const READINESS_PERIOD_SECONDS = 120;

/** Far longer than a first look may take on a host whose disk hangs. */
const FIRST_LOOK_SECONDS = 300;
const STARTUP_PERIOD_SECONDS = 2;

export const converge = (image: string, securityContext: k8s.SecurityContext): k8s.Container => ({
  ...common(image, securityContext),
  name: 'converge',
  command: ['/bin/sh', `${PAYLOAD_FOLDER}/stage.sh`],
  args: [...enterHost(['bash', `${HOST_PAYLOAD}/converge.sh`])],
  env: stageEnvironment(),
  volumeMounts: [
    { name: 'payload', mountPath: PAYLOAD_FOLDER, readOnly: true },
    { name: 'host-state', mountPath: HOST_STATE_FOLDER },
  ],
});

export function watch(image: string, group: HostGroup, securityContext: k8s.SecurityContext): k8s.Container {
  const restores = onDriftOf(group) === 'restore';
  return {
    ...common(image, securityContext),
    name: 'watch',
    command: ['/bin/sh', `${PAYLOAD_FOLDER}/watch.sh`],
    args: [...enterHost([])],
    env: [
      ...stageEnvironment(),
      { name: 'WATCH_EVERY', value: `${group.driftCheck.seconds}` },
      { name: 'WATCH_ON_DRIFT', value: onDriftOf(group) },
      { name: 'WATCH_MAX_RESTORES', value: `${MAX_RESTORES}` },
      { name: 'WATCH_CHECK_TIMEOUT', value: '60' },
      { name: 'WATCH_FOLDER', value: WATCH_FOLDER.path },
      { name: 'WATCH_PAYLOAD', value: PAYLOAD_FOLDER },
      { name: 'WATCH_HOST_PAYLOAD', value: HOST_PAYLOAD },
      { name: 'WATCH_TEXTFILE_FOLDER', value: TEXTFILE_FOLDER },
      { name: 'WATCH_UPTIME', value: '/proc/uptime' },
    ],
    // The kubelet asks for readiness once this is through. Otherwise it asks up to a period later, and a roll-out waits.
    startupProbe: {
      exec: { command: ['test', '-e', `${WATCH_FOLDER.path}/looked`] },
      periodSeconds: STARTUP_PERIOD_SECONDS,
      timeoutSeconds: 10,
      failureThreshold: FIRST_LOOK_SECONDS / STARTUP_PERIOD_SECONDS,
    },
    // Not ready is how a host that is not as described shows in the cluster, and what stops a roll-out at it.
    readinessProbe: {
      exec: { command: ['test', '-e', `${WATCH_FOLDER.path}/ready`] },
      periodSeconds: READINESS_PERIOD_SECONDS,
      timeoutSeconds: 10,
      failureThreshold: 1,
    },
    volumeMounts: [
      { name: 'payload', mountPath: PAYLOAD_FOLDER, readOnly: true },
      // It writes to the host only where it may put something back.
      { name: 'host-state', mountPath: HOST_STATE_FOLDER, ...(restores ? {} : { readOnly: true }) },
      { name: 'watch', mountPath: WATCH_FOLDER.path },
    ],
  };
}

const common = (image: string, securityContext: k8s.SecurityContext): Omit<k8s.Container, 'name'> => ({
  image,
  imagePullPolicy: 'IfNotPresent',
  resources: {
    requests: { cpu: k8s.Quantity.fromString('5m'), memory: k8s.Quantity.fromString('16Mi') },
    // update-grub runs in here, and systemctl several times over; a look needs a tenth of it.
    limits: { memory: k8s.Quantity.fromString('128Mi') },
  },
  // What was refused shows in `kubectl describe pod`.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  securityContext,
});

const stageEnvironment = (): k8s.EnvVar[] => [
  {
    name: 'STAGE_CONTENT_SHA256',
    valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${CONTENT_HASH}']` } },
  },
  { name: 'STAGE_PAYLOAD', value: PAYLOAD_FOLDER },
  { name: 'STAGE_TARGET', value: BOOTSTRAP_FOLDER.replace(STATE_FOLDER, HOST_STATE_FOLDER) },
  { name: 'STAGE_TIMEOUT', value: '900' },
];
