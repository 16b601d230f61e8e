/** The containers of an object, with the place of each image in its file. */
import { listAt, textAt } from '../../manifest/json.js';
import type { Manifest } from '../../manifest/manifest.js';

interface FoundContainer {
  readonly name: string;
  readonly image: string;
  readonly path: readonly (string | number)[];
}

export const containersIn = (manifest: Manifest): readonly FoundContainer[] =>
  ['initContainers', 'containers'].flatMap((list) =>
    listAt(manifest, ...podPath(manifest), list).flatMap((container, index) => {
      const image = textAt(container, 'image');
      return image === undefined
        ? []
        : [{ name: textAt(container, 'name') ?? '', image, path: [...podPath(manifest), list, index, 'image'] }];
    }),
  );

/** The pod's spec; of kinds without one, a place where nothing is. */
export const podPath = ({ kind }: Manifest): readonly string[] =>
  kind === 'CronJob'
    ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
    : kind === 'Pod' || kind === 'Plan'
      ? ['spec']
      : ['spec', 'template', 'spec'];
