/** The values that Applications hand to Helm charts: what the chart makes of them is not in `dist/`. */
import { parse } from 'yaml';
import { at, type Field, listAt, textAt } from '../manifest/json.js';
import { describe, type Json, type PlacedManifest } from '../manifest/manifest.js';

export interface HelmValues {
  /** E.g. `Application argocd/selfheal-monitoring, Helm values`. */
  readonly where: string;
  readonly chart: string;
  readonly releaseName: string | undefined;
  readonly version: string | undefined;
  readonly values: Field;
}

export function helmValuesOf(objects: readonly PlacedManifest[]): readonly HelmValues[] {
  return objects.flatMap(({ manifest }) =>
    manifest.kind !== 'Application'
      ? []
      : [at(manifest, 'spec', 'source'), ...listAt(manifest, 'spec', 'sources')].flatMap((source) => {
          const chart = textAt(source, 'chart');
          if (chart === undefined) return [];
          return [
            {
              where: `${describe(manifest)}, Helm values`,
              chart,
              releaseName: textAt(source, 'helm', 'releaseName'),
              version: textAt(source, 'targetRevision'),
              values: valuesIn(source),
            },
          ];
        }),
  );
}

function valuesIn(source: Field): Field {
  const text = textAt(source, 'helm', 'values');
  if (text === undefined) return at(source, 'helm', 'valuesObject');
  return parse(text) as Json; // Plain YAML gives plain data; Argo CD reads it the same way.
}
