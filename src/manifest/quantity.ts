/** Quantities of Kubernetes as numbers: `500m`, `2Gi`, `1e3`. */
import type { Json } from './manifest.js';

const SUFFIXES = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
]);

/** Undefined where it is none. */
export function quantityOf(value: Json | undefined): number | undefined {
  const [, number, suffix = ''] =
    /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(`${value}`) ?? [];
  const factor = SUFFIXES.get(suffix);
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
