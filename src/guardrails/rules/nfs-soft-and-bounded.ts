/** An NFS backup target that was asked for by name gives up after a while. */

import { everyField, show } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail } from '../guardrail.js';
import type { Inspection } from '../inspection.js';

export const nfsSoftAndBounded: Guardrail = {
  id: 'nfs-soft-and-bounded',
  severity: 'error',
  lesson:
    'A hard NFS mount waits for ever: its threads could not be killed and held the locks that RCU was waiting for.',
  incident: 'nov-2',
  check: (inspection) => {
    if (inspection.cluster.longhorn?.backupTarget.kind !== 'kernel-nfs') return [];
    return nfsUrlsIn(inspection).flatMap(({ where, url }) => {
      const missing = missingBounds(url);
      return missing.length === 0
        ? []
        : [
            {
              where,
              found: `expected nfsOptions with ${missing.join(', ')}, got ${show(url)}`,
              mend: 'append ?nfsOptions=soft,timeo=100,retrans=3 to the URL: soft, ten seconds, three tries',
            },
          ];
    });
  },
};

const nfsUrlsIn = ({ fields, helmValues }: Inspection): readonly { where: string; url: string }[] =>
  [
    ...fields
      .filter(({ object }) => object.manifest.kind !== 'Application')
      .flatMap(({ object, places }) => places.map(({ value }) => ({ where: describe(object.manifest), value }))),
    ...helmValues.flatMap(({ where, values }) => everyField(values).map(({ value }) => ({ where, value }))),
  ].flatMap(({ where, value }) =>
    typeof value === 'string' && value.startsWith('nfs://') ? [{ where, url: value }] : [],
  );

/** Tenths of a second before a first retry, and how many of them: more than this and a dead server holds a thread for minutes. */
const BOUNDS = { timeo: 600, retrans: 5 } as const;

function missingBounds(url: string): readonly string[] {
  const options = new Map(
    (/[?&]nfsOptions=([^&]*)/.exec(url)?.[1] ?? '').split(',').map((option): [string, string] => {
      const [name = '', value = ''] = option.split('=');
      return [name, value];
    }),
  );
  const within = (name: keyof typeof BOUNDS): boolean => {
    const value = Number(options.get(name) ?? 0);
    return value >= 1 && value <= BOUNDS[name];
  };
  return [
    ...(options.has('soft') && !options.has('hard') ? [] : ['soft']),
    ...(within('timeo') ? [] : [`timeo from 1 to ${BOUNDS.timeo}`]),
    ...(within('retrans') ? [] : [`retrans from 1 to ${BOUNDS.retrans}`]),
  ];
}
