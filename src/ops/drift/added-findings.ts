/** What is to be said of fields that somebody added to an object of ours: Argo CD sees none of them. */
import { syncPolicyOf } from '../../argo/sync-policy.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import { type ArgoView, SKIP } from './argo-view.js';
import { addedFields } from './foreign-fields.js';
import type { FieldDifference, Finding } from './report.js';

interface Meaning extends Pick<Finding, 'id' | 'what' | 'next'> {
  readonly of: (path: string) => boolean;
}

export function addedFindings(live: LiveObject, described: Manifest, view: ArgoView): readonly Finding[] {
  let fields: readonly FieldDifference[] = addedFields(live, described).map(({ path, value, writer }) => ({
    path,
    described: undefined,
    live: value,
    writer,
  }));
  const special = described.kind === 'Application' ? meaningsFor(live, described) : [];
  const findings = special.flatMap(({ of, ...meaning }) => {
    const meant = fields.filter(({ path }) => of(path));
    fields = fields.filter(({ path }) => !of(path));
    return meant.length === 0 ? [] : [{ ...meaning, fields: meant }];
  });
  const other = {
    id: 'field-added' as const,
    what: `somebody added ${fields.length === 1 ? 'a field' : `${fields.length} fields`} to an object of ours`,
    next: ['what is to stay belongs into the description; otherwise take it out by hand'],
    fields,
  };
  return [...findings, ...(fields.length === 0 ? [] : [other])].map((finding) => ({
    ...finding,
    subject: describe(described),
    application: view.application.name,
    argo: 'does not see it: it compares only the fields that it applies. It stays',
  }));
}

/** What of it turns an Application into another one: each with what takes it off again. */
function meaningsFor(live: LiveObject, described: Manifest): readonly Meaning[] {
  const { name, namespace = '' } = live.metadata;
  const [wanted, found] = [syncPolicyOf(described), syncPolicyOf(live)];
  const patch = (change: object): readonly string[] => [
    `kubectl -n ${namespace} patch application ${name} --type merge -p '${JSON.stringify(change)}'`,
  ];
  return [
    {
      id: 'finalizer-added',
      of: (path) => path.startsWith('metadata.finalizers') && found.finalizer !== wanted.finalizer,
      what: 'somebody added a finalizer: deleting this Application now deletes everything that it synced',
      next: patch({ metadata: { finalizers: null } }),
    },
    {
      id: 'auto-sync-off',
      of: (path) => path === 'spec.syncPolicy.automated.enabled' && !found.automated,
      what: 'its automated sync is off: nothing of it is synced or healed',
      next: patch({ spec: { syncPolicy: { automated: { enabled: null } } } }),
    },
    {
      id: 'auto-sync-off',
      of: (path) => path === `metadata.annotations."${SKIP}"` && live.metadata.annotations?.[SKIP] === 'true',
      what: 'Argo CD is told to skip it: nothing of it is compared, synced or healed',
      next: [`kubectl -n ${namespace} annotate application ${name} ${SKIP}-`],
    },
  ];
}
