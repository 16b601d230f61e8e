/** No image gets older. */
import { containersIn } from '../containers.js';
import { isOlder, parseImage } from '../image.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const imageDowngraded: VetRule = {
  id: 'image-downgraded',
  severity: 'warning',
  reason:
    'What a newer version has written, an older one may not read: databases and Longhorn refuse to start after a step back, and a revert of a commit is such a step.',
  mend: 'go back by restoring a backup, or find out that this program can be stepped back and accept the finding',
  check: ({ objects }) =>
    objects.kept.flatMap(({ before, after }) => {
      const earlier = new Map(containersIn(before.manifest).map(({ name, image }) => [name, image]));
      return containersIn(after.manifest).flatMap(({ name, image, path }): readonly Concern[] => {
        const [old, now] = [parseImage(earlier.get(name) ?? ''), parseImage(image)];
        return old.repository === now.repository && isOlder(now.tag ?? '', old.tag ?? '')
          ? [
              concern(
                after,
                `expected ${old.tag} or newer of ${now.repository} (container '${name}'), got ${now.tag}`,
                path,
              ),
            ]
          : [];
      });
    }),
};
