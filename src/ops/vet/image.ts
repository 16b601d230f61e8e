/** What an image reference says. */
interface Image {
  readonly repository: string;
  /** Undefined: `latest`. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export function parseImage(reference: string): Image {
  const [name = '', digest] = reference.split('@');
  const colon = name.lastIndexOf(':');
  // A port has a slash behind it.
  const hasTag = colon > name.lastIndexOf('/');
  return { repository: hasTag ? name.slice(0, colon) : name, tag: hasTag ? name.slice(colon + 1) : undefined, digest };
}

/** Whether the same bytes come every time. */
export const isPinned = ({ tag, digest }: Image): boolean =>
  digest !== undefined || (tag !== undefined && /\d/.test(tag));

const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=$|[-+_.])/;

/** Whether `now` is an older version than `old`; false where either is no version. */
export function isOlder(now: string, old: string): boolean {
  const [a, b] = [now, old].map((tag) =>
    VERSION.exec(tag)
      ?.slice(1)
      .map((part) => Number(part ?? 0)),
  );
  if (!a || !b) return false;
  const first = a.findIndex((part, index) => part !== b[index]);
  return first !== -1 && (a[first] ?? 0) < (b[first] ?? 0);
}
