/** Images and charts are named by a version that does not move, and an image that is there is not asked for again. */
import { FIXED_TAG } from '../../cluster/image.js';
import { everyField, show, textAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import type { Container, Workload } from '../workloads.js';

export const versionPinned: Guardrail = {
  id: 'version-pinned',
  severity: 'error',
  lesson:
    'Pods could not reach a registry: whatever was not already on the node at the pinned tag did not start on the night it was needed.',
  incident: 'nov-7-8',
  check: (inspection) => [
    ...inspection.workloads.flatMap((workload) =>
      workload.containers.flatMap((container) => inContainer(workload, container)),
    ),
    ...inCharts(inspection),
  ],
};

const DIGEST = /@sha256:[0-9a-f]{64}$/;

const PIN =
  'name the image with its full version, in `images` of the description or, for a default, in src/cluster/versions.ts';

/** What is wrong with an image; undefined where it is pinned. */
function faultOf(image: string): string | undefined {
  if (DIGEST.test(image)) return undefined;
  const tag = /:([^/:@]+)$/.exec(image)?.[1];
  if (tag === undefined) return `expected an image with a tag, got ${show(image)}`;
  return FIXED_TAG.test(tag) ? undefined : `expected a tag that does not move, got ${show(image)}`;
}

function inContainer(workload: Workload, { where, image, imagePullPolicy }: Container): readonly Violation[] {
  if (image === undefined && workload.isPartial) return [];
  const fault = image === undefined ? 'expected an image, got nothing' : faultOf(imageOf(workload, image));
  return [
    ...(fault === undefined ? [] : [{ where, found: fault, mend: PIN }]),
    ...(imagePullPolicy === 'Always'
      ? [
          {
            where,
            found: 'expected imagePullPolicy "IfNotPresent", got "Always"',
            mend: 'set IfNotPresent: a registry that cannot be reached must not keep a pod from starting',
          },
        ]
      : []),
  ];
}

/** system-upgrade-controller appends a Plan's version to an image without a tag. */
function imageOf({ kind, manifest }: Workload, image: string): string {
  const version = textAt(manifest, 'spec', 'version');
  return kind === 'Plan' && version !== undefined && !/:[^/]+$/.test(image) ? `${image}:${version}` : image;
}

const inCharts = ({ objects, helmValues }: Inspection): readonly Violation[] => [
  ...objects
    .filter(({ manifest }) => manifest.kind === 'Application')
    .flatMap(({ manifest }) => {
      const version = textAt(manifest, 'spec', 'source', 'targetRevision');
      return textAt(manifest, 'spec', 'source', 'chart') === undefined ||
        /^v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version ?? '')
        ? []
        : [
            {
              where: describe(manifest),
              found: `expected an exact chart version, got ${show(version)}`,
              mend: 'name the version in src/cluster/versions.ts',
            },
          ];
    }),
  ...helmValues.flatMap(({ where, values }) =>
    everyField(values).flatMap(({ path, key, value }): readonly Violation[] => {
      const isFloating = key === 'tag' && typeof value === 'string' && value !== '' && !FIXED_TAG.test(value);
      const isUntagged = key === 'image' && typeof value === 'string' && faultOf(value) !== undefined;
      const isAlways = /^(imageP|p)ullPolicy$/.test(key) && value === 'Always';
      return isFloating || isUntagged || isAlways
        ? [
            {
              where: `${where}, ${path}`,
              found: `expected a version that does not move, got ${show(value)}`,
              mend: PIN,
            },
          ]
        : [];
    }),
  ),
];
