/**
 * Manifests as YAML that every reader understands alike.
 *
 * Plain data in, one notation out: what could be read as anything but the text that it is, by YAML 1.1, YAML 1.2 or
 * Kubernetes' own parser, is quoted. Our own because a general library takes ten times as long, most of a synth's time:
 * docs/decisions/0004-own-yaml-writer.md. The tests read everything back with that library.
 */
import type { Manifest } from './manifest.js';

/** The first line of every file that synth writes; a folder with other files in it is never replaced. */
export const HEADER = '# Written by selfheal synth. Change the description of the cluster, not this file.';

/** One manifest as the text of a file. */
export function toYaml(manifest: Manifest): string {
  return `${HEADER}\n${mapping(Object.entries(manifest), '')}`;
}

/** Entries at an indentation, each with its line end; what is undefined is left out. */
function mapping(entries: readonly [string, unknown][], indent: string): string {
  return entries
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${indent}${inline(key)}:${key === 'defaultMode' ? mode(value, indent) : after(value, indent)}`,
    )
    .join('');
}

/** In decimal, because YAML 1.1 and 1.2 do not read an octal number alike; people read file modes in octal. */
const mode = (value: unknown, indent: string): string =>
  typeof value === 'number' ? ` ${value} # 0${value.toString(8)}\n` : after(value, indent);

/** What follows a key: a scalar on its line, or a collection below it. */
function after(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.length > 0) return `\n${value.map((item) => listed(item, `${indent}  `)).join('')}`;
  if (isFilledObject(value)) return `\n${mapping(Object.entries(value), `${indent}  `)}`;
  return ` ${scalar(value, `${indent}  `)}\n`;
}

/** An item of a list: its first line carries the dash. */
function listed(item: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(item) && item.length > 0) {
    return dashed(item.map((entry) => listed(entry, inner)).join(''), indent);
  }
  if (isFilledObject(item)) return dashed(mapping(Object.entries(item), inner), indent);
  return `${indent}- ${scalar(item, inner)}\n`;
}

const dashed = (block: string, indent: string): string => `${indent}- ${block.slice(indent.length + 2)}`;

const isFilledObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

function scalar(value: unknown, indent: string): string {
  if (typeof value === 'string') return value.includes('\n') && fitsBlock(value) ? block(value, indent) : inline(value);
  // Numbers, booleans, null, and the empty list and object, which JSON and YAML write alike.
  return JSON.stringify(value);
}

/** Lines as they stand. Not for a first line that would be taken for indentation, nor for what is no line end to all. */
const fitsBlock = (text: string): boolean => /^\S/.test(text) && !/[^\P{C}\n\t]|[\u2028\u2029]|\n\n$/u.test(text);

function block(text: string, indent: string): string {
  const [chomp, body] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text];
  return `${chomp}\n${body.replaceAll(/^(?=.)/gm, indent)}`;
}

/** A letter or a path begins what nobody takes for a number, a date or an indicator. */
const PLAIN = /^[A-Za-z_/](?:[^\p{C}\p{Z}:#]|[:#](?=[^\s:#])(?<=\S[:#])| (?=[^\s#]))*$/u;

/** Quantities, durations, addresses, versions and cron lines: the texts with a digit first that are read as texts. */
const PLAIN_WITH_DIGITS = /^(?:\d+(?:[KMG]i|[smhd]|m\d+s)|\d+(?:\.\d+){2,3}(?:\/\d+)?|[\d*/,-]+(?: [\d*/,-]+){4})$/;

const WORDS_OF_YAML = /^(?:y|n|yes|no|on|off|true|false|null|none|nan|inf)$/i;

const UNSAFE_IN_QUOTES = /[\x7f-\x9f\u2028\u2029\ufeff]/g;

function inline(text: string): string {
  if ((PLAIN.test(text) && !WORDS_OF_YAML.test(text)) || PLAIN_WITH_DIGITS.test(text)) return text;
  if (text.includes('"') && !/['\\\p{C}\u2028\u2029]/u.test(text)) return `'${text}'`;
  return JSON.stringify(text).replaceAll(
    UNSAFE_IN_QUOTES,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
