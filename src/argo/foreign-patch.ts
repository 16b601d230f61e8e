/**
 * A patch of an object that somebody else created.
 *
 * A file that goes, or an Application that is deleted, takes the whole object with it unless the live object says
 * otherwise: a CoreDNS was lost that way. So every such object is protected, and the Application that holds it has
 * ownership `foreign-patch`. Taking a patch back takes two commits: docs/layers/foreign-patches.md.
 */
import { ApiObject } from 'cdk8s';
import type { Manifest } from '../manifest/manifest.js';
import type { ApplicationChart } from './application-chart.js';
import { FOREIGN, type ForeignForm, PROTECTED, syncOptions } from './sync-options.js';

/**
 * A partial manifest leaves fields that other managers own as they are. It fails for ever on an object that
 * `kubectl apply` created; there the whole object must be in Git.
 */
type ForeignPatchProps = PartialPatch | WholePatch;

interface PartialPatch {
  readonly form: 'partial';

  /** The few fields that are set. */
  readonly manifest: Manifest;

  /**
   * What stays in Git while the patch is taken back. Only for a kind that has a required field: the server refuses it
   * without.
   *
   * @default - the name alone, so that all of our fields go
   */
  readonly retired?: Manifest;
}

interface WholePatch {
  readonly form: 'whole';

  /** The complete object. */
  readonly manifest: Manifest;

  /** The owner's original: without it a field that the owner set as well would go with ours. */
  readonly retired: Manifest;
}

export class ForeignPatch extends ApiObject {
  readonly #props: ForeignPatchProps;

  constructor(scope: ApplicationChart, id: string, props: ForeignPatchProps) {
    if (scope.props.ownership !== 'foreign-patch') {
      throw new Error(
        `foreign patch '${scope.node.path}/${id}': expected an Application with ownership "foreign-patch", got ${JSON.stringify(scope.props.ownership)}`,
      );
    }
    super(scope, id, annotated(props.manifest, props.form, props.form));
    this.#props = props;
  }

  /** The object while the patch is taken back: still protected, and none of our fields in it. */
  toRetired(): Manifest {
    const { form, manifest, retired = nameOf(manifest) } = this.#props;
    return annotated(retired, form, 'retiring');
  }
}

/** Not `instanceof`: cdk8s says yes to that for every ApiObject. */
export const isForeignPatch = (object: ApiObject): object is ForeignPatch => 'toRetired' in object;

const nameOf = ({ apiVersion, kind, metadata: { name, namespace } }: Manifest): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

function annotated(manifest: Manifest, form: ForeignPatchProps['form'], state: ForeignForm): Manifest {
  // A partial Deployment is invalid by the schema, which is why validation on the client is off for it.
  const options = [
    ...PROTECTED,
    'ServerSideApply=true',
    ...(form === 'partial' ? (['Validate=false'] as const) : []),
  ] as const;
  const { annotations: before, ...metadata } = manifest.metadata;
  const annotations = { ...before, ...syncOptions(...options), [FOREIGN]: state };
  // In the order of every other file: the diff of the first commit then shows what goes, and nothing else.
  return { ...manifest, metadata: { annotations, ...metadata } };
}
