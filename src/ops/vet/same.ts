/** Whether two values say the same to the API server. */
import { type Field, fieldsAt, isObject } from '../../manifest/json.js';

/** The order of keys does not matter, the order of lists does. */
export function isSame(a: Field, b: Field): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item: Field, index) => isSame(item, b[index]));
  if (isObject(a) && isObject(b)) {
    const [left, right] = [fieldsAt(a), fieldsAt(b)];
    return left.length === right.length && left.every(([key, value]) => isSame(value, b[key]));
  }
  return a === b;
}
