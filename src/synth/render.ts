/** From a cluster to its finished objects. */
import { ApiObject, App } from 'cdk8s';
import { type ApplicationChart, isApplicationChart } from '../argo/application-chart.js';
import { addArgoObjects } from '../argo/applications.js';
import { isForeignPatch } from '../argo/foreign-patch.js';
import type { Cluster } from '../cluster/cluster.js';
import { isRetiring } from '../cluster/patches.js';
import { mergeHostStates } from '../host/host-state.js';
import { type AvailableRules, availableRules } from '../layers/available-rules.js';
import { LAYERS } from '../layers/index.js';
import type { Manifest, PlacedManifest } from '../manifest/manifest.js';

/** The alerts of every layer, and those among them that the cluster's exporters cannot feed. */
export const alertsOf = (cluster: Cluster): AvailableRules =>
  availableRules(
    cluster,
    LAYERS.flatMap(({ alerts }) => alerts?.(cluster) ?? []),
  );

/** Every object of the cluster's healing layer, in the order of the layers. */
export function renderCluster(cluster: Cluster, alerts = alertsOf(cluster).groups): readonly PlacedManifest[] {
  const app = new App();
  const contributions = {
    hostState: (group: Cluster['hosts'][number]) =>
      mergeHostStates(LAYERS.flatMap(({ hostState }) => hostState?.(cluster, group) ?? [])),
    alerts,
    others: (folder: string) => objectsIn(app, cluster, ({ node }) => node.id !== folder),
  };
  for (const { build } of LAYERS) build?.(app, cluster, contributions);
  addArgoObjects(app, cluster);

  const problems = app.node
    .findAll()
    .flatMap(({ node }) => node.validate().map((problem) => `${node.path}: ${problem}`));
  if (problems.length > 0) throw new Error(`cluster '${cluster.name}': ${problems.join('; ')}`);
  return objectsIn(app, cluster, () => true);
}

const objectsIn = (
  app: App,
  cluster: Cluster,
  isAsked: (chart: ApplicationChart) => boolean,
): readonly PlacedManifest[] =>
  app.node.children
    .filter(isApplicationChart)
    .filter(isAsked)
    .flatMap((chart) =>
      // Not `chart.apiObjects`: it knows direct children only, and what a construct groups would vanish without a word.
      chart.node
        .findAll()
        .filter(ApiObject.isApiObject)
        .map((object) => placed(cluster, chart.node.id, object)),
    );

function placed(cluster: Cluster, application: string, object: ApiObject): PlacedManifest {
  const manifest = object.toJson() as Manifest;
  return isForeignPatch(object) && isRetiring(cluster, { application, manifest })
    ? { application, manifest: object.toRetired() }
    : { application, manifest };
}
