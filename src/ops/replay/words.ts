/** Times and counts in words. */
import { UNITS } from '../../cluster/duration.js';

/** `12 stall reports`, `1 OOM kill`, `no hung tasks`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`;

/** `7:55:00`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** `20min`, `1h30min`: the two largest units. */
export function span(seconds: number): string {
  const at = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[at] ?? ['s', 1];
  const [smaller, small] = UNITS[at + 1] ?? ['', 1];
  const rest = smaller === '' ? 0 : Math.floor((seconds % size) / small);
  return `${Math.floor(seconds / size)}${unit}${rest > 0 ? `${rest}${smaller}` : ''}`;
}
