/** The fingerprint of a payload, in a form that a pod can recompute with busybox alone. */
import { createHash } from 'node:crypto';
import type { Payload } from './payload.js';

/** The annotation on the pod template: a change of content is a change of the template, and that is what rolls pods. */
export const CONTENT_HASH = 'selfheal.dev/content-sha256';

/** `sha256sum * | sha256sum` in a folder that holds the payload's files and nothing else. */
export function contentHash(payload: Payload): string {
  const listing = [...payload]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, content]) => `${sha256(content)}  ${key}\n`)
    .join('');
  return sha256(listing);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
