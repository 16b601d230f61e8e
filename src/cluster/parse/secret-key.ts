/** One entry of a Secret, by reference. */
import type { SecretKeySpec } from '../spec/backup.js';
import { fields } from './fields.js';
import * as value from './values.js';

export const secretKey = fields<SecretKeySpec>()({ name: value.secretName, key: value.secretKey });
