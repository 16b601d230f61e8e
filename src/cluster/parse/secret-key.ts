/** References to secrets: somebody may put the secret itself in their place, and then it is not shown. */
import type { SecretKeySpec } from '../spec/backup.js';
import { fields } from './fields.js';
import { FAILED, type Parser } from './parser.js';
import * as value from './values.js';

/** One entry of a Secret. */
export const secretKey = notAsText(
  'an object with name and key of a Secret',
  fields<SecretKeySpec>()({
    name: value.secretName,
    key: value.secretKey,
  }),
);

/** An object of references. A text in its place is not shown: it may be a webhook's URL, and who knows that can write there. */
export function notAsText<T>(expectation: string, parser: Parser<T>): Parser<T> {
  return (input, path, issues) => {
    if (typeof input !== 'string') return parser(input, path, issues);
    issues.push({ path, message: `expected ${expectation}, got a text of ${input.length} characters (not shown)` });
    return FAILED;
  };
}
