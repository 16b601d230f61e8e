/** Every image stays pinned. */
import { show } from '../../../cluster/parse/issue.js';
import { containersIn } from '../containers.js';
import { isPinned, parseImage } from '../image.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const imageUnpinned: VetRule = {
  id: 'image-unpinned',
  severity: 'warning',
  reason:
    'What a tag without a version means is decided by each node at each start: two pods of one Deployment run different programs, and a rollback brings nothing back.',
  mend: 'name the version, and the digest where it is known',
  check: ({ objects }) =>
    [...objects.created.map((after) => ({ before: undefined, after })), ...objects.kept].flatMap(
      ({ before, after }) => {
        const earlier = new Map(
          (before === undefined ? [] : containersIn(before.manifest)).map(({ name, image }) => [name, image]),
        );
        return containersIn(after.manifest).flatMap(({ name, image, path }): readonly Concern[] => {
          const now = parseImage(image);
          const old = earlier.get(name);
          const was = old === undefined ? undefined : parseImage(old);
          if (!isPinned(now) && (was === undefined || isPinned(was)))
            return [concern(after, `expected a version (container '${name}'), got ${show(image)}`, path)];
          return was?.digest !== undefined && now.digest === undefined
            ? [concern(after, `expected a digest as before (container '${name}'), got ${show(image)}`, path)]
            : [];
        });
      },
    ),
};
