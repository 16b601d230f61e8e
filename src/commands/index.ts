/** Every verb, in the order of a change's life: described, looked at, live; then what is needed once. */
import type { Verb } from './command.js';

export const VERBS: readonly Verb[] = [
  {
    name: 'synth',
    summary: 'write the manifests of every described cluster to dist/',
    load: async () => (await import('./synth.js')).synth,
  },
  {
    name: 'diff',
    summary: 'say what Argo CD will do with a change of the manifests',
    load: async () => (await import('./diff.js')).diff,
  },
  {
    name: 'vet',
    summary: 'say what of a change would lose data, rights or service',
    load: async () => (await import('./vet.js')).vet,
  },
  {
    name: 'drift',
    summary: 'say where a live cluster is not as described, who did it, and what Argo CD will do',
    load: async () => (await import('./drift.js')).drift,
  },
  {
    name: 'check',
    summary: 'say whether a live cluster is healthy, whether a node may go down, and if not, why',
    load: async () => (await import('./check.js')).check,
  },
  {
    name: 'reboot',
    summary: 'reboot nodes one after the other, each looked at before and after',
    load: async () => (await import('./reboot.js')).reboot,
  },
  {
    name: 'retire',
    summary: 'take the patch of a foreign object back, in two commits that lose nothing',
    load: async () => (await import('./retire.js')).retire,
  },
  {
    name: 'replay',
    summary: 'say what each watchdog policy would have done with a kernel log',
    load: async () => (await import('./replay.js')).replay,
  },
  {
    name: 'restore',
    summary: 'list the backups of local-path volumes, and bring one volume back',
    load: async () => (await import('./restore.js')).restore,
  },
  {
    name: 'backup-server',
    summary: 'print the script that prepares the machine for the backups',
    load: async () => (await import('./backup-server.js')).backupServer,
  },
  {
    name: 'prober',
    summary: 'print the script that looks at the nodes from another host',
    load: async () => (await import('./prober.js')).prober,
  },
];
