/**
 * Whether recurring jobs reach detached volumes: declared also where they do not, so that a change by hand is put back.
 *
 * Longhorn creates its Settings itself, so this one is patched and never pruned. The same setting in the values of
 * Longhorn's chart would be a second owner: Longhorn writes those over this at each change of them.
 */
import type { App } from 'cdk8s';
import { Setting } from '../../../imports/longhorn.io.js';
import { ApplicationChart } from '../../argo/application-chart.js';
import { ForeignPatch } from '../../argo/foreign-patch.js';
import type { Longhorn } from '../../cluster/cluster.js';

const DETACHED = 'allow-recurring-job-while-volume-detached';

export function addSettings(app: App, { namespace, detachedVolumes }: Longhorn): void {
  const chart = new ApplicationChart(app, 'longhorn-settings', {
    ownership: 'foreign-patch',
    description: 'Whether recurring jobs of Longhorn reach volumes that are detached.',
    namespaces: [namespace],
    // Longhorn, which brings the CRD, may be synced later than this.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
  });
  const manifest = {
    ...Setting.GVK,
    metadata: { name: DETACHED, namespace },
    // A text, as in all Settings.
    value: String(detachedVolumes === 'include'),
  };
  // Its one field is required: the value that is described is the one that stays.
  new ForeignPatch(chart, 'DetachedVolumes', { form: 'partial', manifest, retired: manifest });
}
