/** No NetworkPolicy that opens the way to an NFS server. */

import { type Field, listAt, numberAt, show, textAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail } from '../guardrail.js';

export const noNfsEgress: Guardrail = {
  id: 'no-nfs-egress',
  severity: 'error',
  lesson:
    'The backup was moved away from NFS, one mount was forgotten, and the policy that let its traffic out was still there two outages later.',
  incident: 'nov-7-8',
  check: ({ objects }) =>
    objects
      .filter(({ manifest }) => /NetworkPolicy$/.test(manifest.kind))
      .flatMap(({ manifest }) =>
        listAt(manifest, 'spec', 'egress')
          .flatMap((rule) => listAt(rule, 'ports'))
          .filter(admitsNfs)
          .map((port) => ({
            where: describe(manifest),
            found: `expected no egress to port 2049 (NFS), got ${show(port)}`,
            mend: 'remove the port, or end the range before 2049',
          })),
      ),
};

/** 2049 by number, by name or in a range. 111 alone is the port mapper, which NFS 3 needs. */
function admitsNfs(port: Field): boolean {
  const first = numberAt(port, 'port');
  if (first === undefined) return /^(nfs|sunrpc|2049)$/.test(textAt(port, 'port') ?? '');
  const last = numberAt(port, 'endPort') ?? first;
  return (first <= 2049 && last >= 2049) || (first === 111 && last === 111);
}
