/** No kernel NFS mount, by whatever way an object would bring one about. */

import { everyField, type Field, listAt, type Place, show, textAt, textsAt } from '../../manifest/json.js';
import { describe, type Json, type Manifest } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import { commandLines, inlineScript } from '../scripts.js';

export const noNfs: Guardrail = {
  id: 'no-nfs',
  severity: 'error',
  lesson:
    'An NFS mount on the control plane blocked kernel threads when its server fell silent, and froze the node five times in nine days.',
  incident: 'nov-2',
  check: (inspection) => [...mounted(inspection), ...commanded(inspection), ...described(inspection)],
};

const MEND =
  'copy over SSH (`backup`) or to S3 (`longhorn.backupTarget: { kind: "s3", … }`); if it must be NFS, say so by name: `{ kind: "kernel-nfs", … }`';

const violation = (where: string, found: string): Violation => ({
  where,
  found: `expected no kernel NFS mount, got ${found}`,
  mend: MEND,
});

/** A backup target that the description asks for by name has rules of its own. */
const isAskedFor = ({ cluster }: Inspection, text: string): boolean =>
  cluster.longhorn?.backupTarget.kind === 'kernel-nfs' && /^nfs:\/\//.test(text);

const NFS_URL = /^nfs[34]?:\/\//i;
const NFS_DRIVER = /(^|[.\-/])nfs([.\-/]|$)/i;
const MOUNT_OPTION = /^(nfsvers=|vers=[34]|nolock$|proto=(tcp|udp)$|hard$|retrans=)/;

function mounted(inspection: Inspection): readonly Violation[] {
  const found = (where: string, places: readonly Place[]) =>
    places.flatMap(({ path, key, value }) => {
      const what = nfsIn(inspection, key, value);
      return what === undefined ? [] : [violation(where, `${path} ${what}`)];
    });
  return [
    ...inspection.fields.flatMap(({ object: { manifest }, places }) => [
      // The values of charts come below, also those that are a text.
      ...found(
        describe(manifest),
        places.filter(({ path }) => !path.startsWith('spec.source.helm')),
      ),
      ...byKind(describe(manifest), manifest),
    ]),
    ...inspection.helmValues.flatMap(({ where, values }) => found(where, everyField(values))),
  ];
}

function nfsIn(inspection: Inspection, key: string, value: Json): string | undefined {
  if (key === 'nfs' && textAt(value, 'server') !== undefined) return show(value);
  if (typeof value !== 'string') return undefined;
  if (NFS_URL.test(value)) return isAskedFor(inspection, value) ? undefined : show(value);
  return (key === 'driver' || key === 'provisioner' || key === 'csi.storage.k8s.io/fstype') && NFS_DRIVER.test(value)
    ? show(value)
    : undefined;
}

function byKind(where: string, manifest: Manifest): readonly Violation[] {
  const options = [...textsAt(manifest, 'mountOptions'), ...textsAt(manifest, 'spec', 'mountOptions')];
  const nfsOptions = options.filter((option) => MOUNT_OPTION.test(option));
  const shared = ['nfsOptions', 'share'].filter((key) => textAt(manifest, 'parameters', key) !== undefined);
  return [
    ...(nfsOptions.length > 0 ? [violation(where, `mountOptions ${show(nfsOptions)}`)] : []),
    ...(manifest.kind === 'StorageClass' && shared.length > 0
      ? [violation(where, `parameters ${shared.join(', ')}`)]
      : []),
    // Longhorn serves a volume that many nodes may write by an NFS server in a pod, and each node mounts that.
    ...(manifest.kind === 'PersistentVolumeClaim' &&
    listAt(manifest, 'spec', 'accessModes').includes('ReadWriteMany') &&
    /longhorn/.test(textAt(manifest, 'spec', 'storageClassName') ?? '')
      ? [violation(where, 'accessModes ReadWriteMany, which Longhorn serves over NFS')]
      : []),
  ];
}

const MOUNT_COMMAND = /(^|[\s;&|(/])(mount\.nfs4?\b|mount\s.*-t\s*nfs|modprobe\s+nfs\b)|^\s*Type\s*=\s*nfs/;

function commanded({ scripts, texts, workloads }: Inspection): readonly Violation[] {
  const units = texts
    .filter(({ text }) => /^\s*\[Mount\]/m.test(text))
    .map(({ where, text }) => ({ where, lines: commandLines(text) }));
  const inline = workloads.flatMap(({ containers }) => containers.flatMap(inlineScript));
  return [...scripts, ...inline, ...units].flatMap(({ where, lines }) =>
    lines.filter((line) => MOUNT_COMMAND.test(line)).map((line) => violation(where, show(line))),
  );
}

/** What the description says, should no object carry it. */
function described({ cluster: { longhorn } }: Inspection): readonly Violation[] {
  const target: Field = longhorn?.backupTarget.kind === 's3' ? longhorn.backupTarget.path : undefined;
  return typeof target === 'string' && NFS_URL.test(target)
    ? [violation('longhorn.backupTarget.path', show(target))]
    : [];
}
