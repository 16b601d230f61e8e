/**
 * One Application and the objects that it syncs: a chart whose objects become one folder of `dist/`.
 *
 * Nothing here carries a finalizer: deleting an Application never deletes what it synced.
 */
import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { ApplicationSyncOption } from './sync-options.js';

/**
 * Whose the objects are.
 *
 * `owned`: ours alone; pruned when their files go. `foreign-patch`: somebody else's, patched; never pruned, retried
 * without limit, because the owner may delete and create them again. `helm`: a chart from outside; never pruned.
 */
export type Ownership = 'owned' | 'foreign-patch' | 'helm';

export interface HelmSource {
  readonly repoUrl: string;
  readonly chart: string;
  readonly version: string;
  readonly releaseName: string;
  readonly values: object;
}

export interface ApplicationChartProps {
  readonly ownership: Ownership;

  /** One sentence for the person who looks at Argo CD's list. */
  readonly description: string;

  /** The namespaces that the objects are in; the first is the Application's destination. */
  readonly namespaces: readonly string[];

  /**
   * Cluster-scoped kinds among the objects, as `group/Kind`.
   *
   * @default []
   */
  readonly clusterKinds?: readonly string[];

  /**
   * On top of what the ownership brings.
   *
   * @default []
   */
  readonly syncOptions?: readonly ApplicationSyncOption[];

  /** The chart that is installed instead of a folder of manifests. @default - a folder of manifests */
  readonly helm?: HelmSource;
}

export class ApplicationChart extends Chart {
  readonly props: ApplicationChartProps;

  /** `folder` names the folder in `dist/` and, behind the cluster's prefix, the Application. */
  constructor(scope: Construct, folder: string, props: ApplicationChartProps) {
    super(scope, folder, { disableResourceNameHashes: true });
    this.props = props;
  }
}

export const isApplicationChart = (construct: IConstruct): construct is ApplicationChart =>
  construct instanceof ApplicationChart;
