/** A small object to parse. */
import { fields, optional } from '../../src/cluster/parse/fields.js';
import { integer, oneOf } from '../../src/cluster/parse/parser.js';

export interface Lamp {
  readonly watts: number;
  readonly colour?: 'red' | 'blue';
}

export const lamp = fields<Lamp>()({ watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red') });
