/** Container images, named so that the same name always gives the same bytes, or at least the same version. */
export interface ImageReference {
  /** Registry, path and name, e.g. `docker.io/library/alpine`. */
  readonly repository: string;
  /** Null where the digest says it all. */
  readonly tag: string | null;
  /** `sha256:…`, or null where only the tag is known. */
  readonly digest: string | null;
}

const REFERENCE =
  /^([a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(\w[\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** `3.21`, `v1.2.3-alpine`; not `latest`, `main`, `3`, `v1`, `stable-alpine`. */
export const FIXED_TAG = /^v?\d+\.\d+/;

/** Undefined for what is no image, and for one whose tag moves and that has no digest. */
export function tryReadImage(text: string): ImageReference | undefined {
  const [, repository, tag = null, digest = null] = REFERENCE.exec(text) ?? [];
  if (repository === undefined || (digest === null && !FIXED_TAG.test(tag ?? ''))) return undefined;
  return { repository, tag, digest };
}

export const formatImage = ({ repository, tag, digest }: ImageReference): string =>
  `${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
