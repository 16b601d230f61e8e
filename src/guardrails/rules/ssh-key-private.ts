/** A Secret that a pod mounts can be read by its owner alone. */

import { at, type Field, listAt, numberAt, show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Workload } from '../workloads.js';

export const sshKeyPrivate: Guardrail = {
  id: 'ssh-key-private',
  severity: 'error',
  lesson:
    'fsGroup added the group-read bit to the mounted key, ssh refused it, and the backup that was to replace NFS failed at once.',
  incident: 'nov-7-8',
  check: ({ workloads }) => workloads.flatMap((workload) => [...modes(workload), ...groups(workload)]),
};

const OTHERS = 0o077;

interface SecretVolume {
  readonly name: Field;
  readonly defaultMode: number | undefined;
  readonly items: readonly Field[];
}

const secretVolumesOf = ({ pod }: Workload): readonly SecretVolume[] =>
  listAt(pod, 'volumes').flatMap((volume) => {
    const name = at(volume, 'name');
    const secret = at(volume, 'secret');
    const projected = listAt(volume, 'projected', 'sources')
      .map((source) => at(source, 'secret'))
      .filter((source) => source !== undefined);
    return [
      ...(secret === undefined
        ? []
        : [{ name, defaultMode: numberAt(secret, 'defaultMode'), items: listAt(secret, 'items') }]),
      ...projected.map((source) => ({
        name,
        defaultMode: numberAt(volume, 'projected', 'defaultMode'),
        items: listAt(source, 'items'),
      })),
    ];
  });

function modes(workload: Workload): readonly Violation[] {
  return secretVolumesOf(workload).flatMap(({ name, defaultMode, items }): readonly Violation[] => {
    const itemModes = items.map((item) => numberAt(item, 'mode'));
    // The default counts for what has no mode of its own.
    const isDefaultUsed = items.length === 0 || itemModes.includes(undefined);
    const modes = [...(isDefaultUsed ? [defaultMode ?? 0o644] : []), ...itemModes.filter((mode) => mode !== undefined)];
    const open = modes.find((mode) => (mode & OTHERS) !== 0);
    return open === undefined
      ? []
      : [
          {
            where: `${workload.where}, volume ${show(name)}`,
            found: `expected a Secret that only its owner can read, got mode 0${open.toString(8)}${defaultMode === undefined ? ' (the default)' : ''}`,
            mend: 'set defaultMode to 0400 (256 in JSON)',
          },
        ];
  });
}

function groups(workload: Workload): readonly Violation[] {
  const fsGroup = at(workload.pod, 'securityContext', 'fsGroup');
  return fsGroup === undefined || secretVolumesOf(workload).length === 0
    ? []
    : [
        {
          where: `${workload.where}, securityContext`,
          found: `expected no fsGroup beside a Secret volume (it makes 0400 into 0440), got ${show(fsGroup)}`,
          mend: 'remove fsGroup; set runAsUser to the owner of the files instead',
        },
      ];
}
