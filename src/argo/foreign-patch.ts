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
import { PROTECTED, syncOptions } from './sync-options.js';

/** The annotation by which guardrails and reviewers tell a foreign object from ours. `partial` or `whole`. */
export const FOREIGN = 'selfheal.dev/foreign';

interface ForeignPatchProps {
  /** What is set on the object; `partial` for a few fields, `whole` where `kubectl apply` owns the object. */
  readonly manifest: Manifest;

  /**
   * A partial manifest leaves fields that other managers own as they are. It fails for ever on an object that
   * `kubectl apply` created; there the whole object must be in Git.
   */
  readonly form: 'partial' | 'whole';
}

export class ForeignPatch extends ApiObject {
  constructor(scope: ApplicationChart, id: string, { manifest, form }: ForeignPatchProps) {
    if (scope.props.ownership !== 'foreign-patch') {
      throw new Error(
        `foreign patch '${scope.node.path}/${id}': expected an Application with ownership "foreign-patch", got ${JSON.stringify(scope.props.ownership)}`,
      );
    }
    // A partial Deployment is invalid by the schema, which is why validation on the client is off for it.
    const options = [
      ...PROTECTED,
      'ServerSideApply=true',
      ...(form === 'partial' ? (['Validate=false'] as const) : []),
    ] as const;
    super(scope, id, {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        annotations: { ...manifest.metadata.annotations, ...syncOptions(...options), [FOREIGN]: form },
      },
    });
  }
}
