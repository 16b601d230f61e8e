/** How people name a Longhorn volume: by its claim, or by its own name where it has none. */
import { type Parser, text } from './parser.js';

type LonghornVolume =
  | { readonly kind: 'claim'; readonly namespace: string; readonly claim: string }
  | { readonly kind: 'volume'; readonly name: string };

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const longhornVolume: Parser<LonghornVolume> = text(
  'a claim with its namespace, e.g. "media/downloads", or the name of a volume',
  (value) => {
    const [first = '', claim, ...more] = value.split('/');
    if (more.length > 0) return undefined;
    if (claim === undefined) return NAME.test(first) ? { kind: 'volume', name: first } : undefined;
    return NAMESPACE.test(first) && NAME.test(claim) ? { kind: 'claim', namespace: first, claim } : undefined;
  },
);
