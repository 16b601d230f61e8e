/** A cluster's finished objects as the guardrails look at them: what several of them need is worked out once. */
import type { Cluster } from '../cluster/cluster.js';
import { everyField, type Place } from '../manifest/json.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import type { GuardrailInput } from './guardrail.js';
import { type HelmValues, helmValuesOf } from './helm-values.js';
import { type HostPayload, hostPayloadsOf } from './host-files.js';
import { configTextsOf, type Script, scriptsAmong, type Text } from './scripts.js';
import { type Workload, workloadsOf } from './workloads.js';

export class Inspection implements GuardrailInput {
  readonly cluster: Cluster;
  readonly objects: readonly PlacedManifest[];

  /** Every object that makes pods. */
  readonly workloads: readonly Workload[];

  /** The values that go to charts. */
  readonly helmValues: readonly HelmValues[];

  /** Every text in a ConfigMap. */
  readonly texts: readonly Text[];

  /** Every script in a ConfigMap. */
  readonly scripts: readonly Script[];

  /** Each ConfigMap's texts and the hosts that they go to. */
  readonly payloads: readonly HostPayload[];

  /** Every field of every object. */
  readonly fields: readonly { readonly object: PlacedManifest; readonly places: readonly Place[] }[];

  constructor({ cluster, objects }: GuardrailInput) {
    this.cluster = cluster;
    this.objects = objects;
    this.workloads = workloadsOf(objects);
    this.helmValues = helmValuesOf(objects);
    this.texts = configTextsOf(objects);
    this.scripts = scriptsAmong(this.texts);
    this.payloads = hostPayloadsOf(cluster, this.workloads, this.texts);
    this.fields = objects.map((object) => ({ object, places: everyField(object.manifest) }));
  }
}
