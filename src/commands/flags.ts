/** Flags of a verb. A misspelt flag is refused: on a tool that writes, ignoring it would do something else. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean, type Parsed, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Io } from './command.js';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O; strict: true }>>['values'];

/** @throws OperatorError for a flag that the verb does not have or that is given twice, a missing value, or a stray word. */
export function readFlags<const O extends Options>(args: readonly string[], options: O): Values<O> {
  return parse(args, options, false).values;
}

/** The same for a verb that takes files as well. */
export function readFlagsAndFiles<const O extends Options>(
  args: readonly string[],
  options: O,
): { readonly values: Values<O>; readonly files: readonly string[] } {
  const { values, positionals } = parse(args, options, true);
  return { values, files: positionals };
}

/** What the flags together ask for. @throws OperatorError with all that is wrong with them. */
export function accepted<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  const [first = '', ...more] = parsed.issues.map(({ path, message }) => `${path}: ${message}`);
  throw new OperatorError(first, more);
}

/**
 * What a flag names; without the flag the only one that there is.
 *
 * @throws OperatorError where it names none of them, or where there are several and it names nothing.
 */
export function chosen<T>(flag: string, name: string | undefined, known: ReadonlyMap<string, T>): T {
  const [only, ...others] = known.values();
  const found = name === undefined && others.length === 0 ? only : known.get(name ?? '');
  if (found !== undefined) return found;
  const names = [...known.keys()];
  throw new OperatorError(
    `${flag}: expected one of ${names.join(', ')}, got ${show(name)}${didYouMean(name ?? '', names)}`,
  );
}

/** The form of the result that `--output` asks for. @throws OperatorError where there is no such form. */
export const chosenOutput = <O extends string>(output: string, known: readonly O[]): O =>
  chosen('--output', output, new Map(known.map((each) => [each as string, each])));

/** Where the descriptions are, if `--clusters` does not say it. */
export const clustersFolder = (given: string | undefined, io: Io): string =>
  given ?? (io.exists('src/clusters') ? 'src/clusters' : 'clusters');

interface OptionToken {
  readonly name: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** In our words: Node's are three lines, and name a flag of another form. */
function refuseValue({ name, value, inlineValue }: OptionToken, type: 'string' | 'boolean'): void {
  if (type === 'boolean' && value !== undefined)
    throw new OperatorError(`--${name}: expected no value, got ${show(value)}`);
  if (type === 'string' && value === undefined) throw new OperatorError(`--${name}: expected a value, got none`);
  if (type === 'string' && inlineValue !== true && /^-./.test(value ?? ''))
    throw new OperatorError(`--${name}: expected a value, got ${show(value)}`, [
      `one that begins with "-" is written as --${name}=VALUE`,
    ]);
}

function parse<const O extends Options>(args: readonly string[], options: O, allowPositionals: boolean) {
  let parsed: ReturnType<typeof parseArgs<{ options: O; strict: true; allowPositionals: boolean; tokens: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals, tokens: true });
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
    for (const token of tokens) {
      if (token.kind === 'option' && !Object.hasOwn(options, token.name)) {
        throw new OperatorError(
          `flags: expected ${known.join(', ')}, got ${show(token.rawName)}${didYouMean(token.rawName, known)}`,
        );
      }
      if (token.kind === 'option') refuseValue(token, options[token.name]?.type ?? 'boolean');
      if (token.kind === 'positional' && !allowPositionals)
        throw new OperatorError(`flags: expected only ${known.join(', ')}, got ${show(token.value)}`);
    }
    throw new OperatorError(`flags: ${error instanceof Error ? error.message : String(error)}`, [], { cause: error });
  }
  const given = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue;
    // The last one would count, silently: a restore of another volume than the one that was meant.
    if (given.has(token.name) && options[token.name]?.multiple !== true)
      throw new OperatorError(`--${token.name}: expected once, got it again`);
    if (token.value === '') throw new OperatorError(`--${token.name}: expected a value, got ""`);
    given.add(token.name);
  }
  return parsed;
}
