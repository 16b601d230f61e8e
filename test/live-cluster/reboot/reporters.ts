/** Pods on real hosts: those that report in the place of node-bootstrap's, and what they are made of. */
import { at, isObject } from '../../../src/manifest/json.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { objectsOf, parsed } from '../../support/clusters.js';

/** Of a host where all is well. What differs from boot to boot is put behind it. */
const REPORT = JSON.stringify({
  ...{ report: 1, node: null, uptimeSeconds: 60, epochSeconds: null, clockSynchronized: true },
  ...{ clusterIpRules: 'present', calicoBeforeBoot: null, sandboxNamesReserved: 0 },
  ...{ datastore: { locked: 0, canceled: 0 }, watchdog: null, rebootRequired: null },
  disks: [{ path: '/', freePercent: 50, readOnly: false }],
  ...{ runningKernel: null, newestKernel: null, certificates: [{ path: '/certificate.crt', daysLeft: 90 }] },
});

const BOOT_IDS = '/proc/sys/kernel/random';

const SAY = `
trap exit TERM
while :; do
  pending=''
  ! [ -e /host/run/reboot-required ] || pending='"reboot-required"'
  printf 'report %s,"bootId":"%s","pending":[%s]}\\n' '${REPORT.slice(0, -1)}' "$(cat /host${BOOT_IDS}/boot_id)" "$pending"
  sleep 0.5
done`;

/** What a pod is of which one container runs a script, with these folders of its host below /host. */
export function shellOnHost(name: string, script: string, folders: readonly string[]) {
  const nameOf = (path: string): string => path.slice(1).replaceAll('/', '-');
  return {
    containers: [
      {
        name,
        image: 'docker.io/library/alpine:3.21',
        command: ['/bin/sh', '-c', script],
        volumeMounts: folders.map((path) => ({ name: nameOf(path), mountPath: `/host${path}`, readOnly: true })),
      },
    ],
    volumes: folders.map((path) => ({ name: nameOf(path), hostPath: { path, type: 'Directory' } })),
  };
}

/** The DaemonSets of node-bootstrap, with a pod that changes nothing. A reboot waits while /run/reboot-required is there. */
export const reportersOf = (spec: object): readonly Manifest[] =>
  objectsOf(parsed(spec), 'node-bootstrap')
    .filter(({ kind }) => kind === 'DaemonSet')
    .map(({ apiVersion, kind, metadata, spec: own }) => ({
      apiVersion,
      kind,
      metadata,
      spec: {
        ...(isObject(own) ? own : {}),
        template: {
          metadata: at(own, 'template', 'metadata'),
          spec: {
            nodeSelector: at(own, 'template', 'spec', 'nodeSelector'),
            tolerations: at(own, 'template', 'spec', 'tolerations'),
            ...{ hostNetwork: true, terminationGracePeriodSeconds: 1, automountServiceAccountToken: false },
            ...shellOnHost('watch', SAY, ['/run', BOOT_IDS]),
          },
        },
      },
    }));
