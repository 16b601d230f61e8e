/**
 * Parsers that report every problem at once.
 *
 * A parser returns the value, or pushes at least one issue and returns `FAILED`; its siblings go on regardless.
 * Our own and not a schema library's because of the messages: docs/decisions/0002-own-parser.md.
 */
import { didYouMean, type Issue, isPlainObject, type Parsed, show, showChoices } from './issue.js';

export const FAILED = Symbol('failed');
export type Result<T> = T | typeof FAILED;

export type Parser<T> = (value: unknown, path: string, issues: Issue[]) => Result<T>;

/** What a parser makes of its input. */
export type Output<P> = P extends Parser<infer T> ? T : never;

/** Runs a parser on a whole input. */
export function parse<T>(parser: Parser<T>, value: unknown): Parsed<T> {
  const issues: Issue[] = [];
  const result = parser(value, '', issues);
  return result === FAILED || issues.length > 0 ? { ok: false, issues } : { ok: true, value: result };
}

export function fail(issues: Issue[], path: string, expectation: string, value: unknown): typeof FAILED {
  issues.push({ path, message: `expected ${expectation}, got ${show(value)}` });
  return FAILED;
}

export const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** A string that `read` understands; `expectation` says what that is, with an example. */
export function text<T>(
  expectation: string,
  read: (text: string) => T | undefined,
  candidates: () => readonly string[] = () => [],
): Parser<T> {
  return (value, path, issues) => {
    if (typeof value !== 'string') return fail(issues, path, expectation, value);
    const result = read(value);
    if (result !== undefined) return result;
    issues.push({ path, message: `expected ${expectation}, got ${show(value)}${didYouMean(value, candidates())}` });
    return FAILED;
  };
}

/** A string of a certain form. */
export const matching = (expectation: string, pattern: RegExp): Parser<string> =>
  text(expectation, (value) => (pattern.test(value) ? value : undefined));

export function oneOf<const T extends string>(...choices: readonly T[]): Parser<T> {
  return (value, path, issues) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    const hint = typeof value === 'string' ? didYouMean(value, choices) : '';
    issues.push({ path, message: `expected ${showChoices(choices)}, got ${show(value)}${hint}` });
    return FAILED;
  };
}

export function integer(min: number, max: number): Parser<number> {
  return (value, path, issues) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? value
      : fail(issues, path, `a whole number from ${min} to ${max}`, value);
}

export const boolean: Parser<boolean> = (value, path, issues) =>
  typeof value === 'boolean' ? value : fail(issues, path, 'true or false', value);

/** A list. Texts and numbers in it are all different. */
export function list<T>(item: Parser<T>, { min = 0 } = {}): Parser<readonly T[]> {
  return (value, path, issues) => {
    if (!Array.isArray(value)) return fail(issues, path, 'a list', value);
    if (value.length < min) return fail(issues, path, `a list of at least ${min}`, value);
    // Not value.map: it skips the holes of a sparse list.
    const results = Array.from(value, (entry, index) => item(entry, `${path}[${index}]`, issues));
    value.forEach((entry: unknown, index) => {
      const first = typeof entry === 'string' || typeof entry === 'number' ? value.indexOf(entry) : index;
      if (first < index) {
        issues.push({
          path: `${path}[${index}]`,
          message: `expected each item once, got ${show(entry)} which [${first}] is too`,
        });
      }
    });
    return results.some((result) => result === FAILED) ? FAILED : (results as readonly T[]);
  };
}

/** An object with keys of the person's own choice. */
export function record<T>(
  key: Parser<string>,
  of: Parser<T>,
  { min = 0, example = '' } = {},
): Parser<ReadonlyMap<string, T>> {
  const such = example === '' ? '' : `, e.g. ${example}`;
  return (value, path, issues) => {
    if (!isPlainObject(value)) return fail(issues, path, `an object${such}`, value);
    const entries = Object.entries(value);
    if (entries.length < min) return fail(issues, path, `an object with at least ${min} key${such}`, value);
    const results = entries.map(([name, entry]) => {
      const parsedName = key(name, join(path, name), issues);
      const parsed = of(entry, join(path, name), issues);
      return parsedName === FAILED || parsed === FAILED ? FAILED : ([parsedName, parsed] as const);
    });
    const good = results.filter((result) => result !== FAILED);
    return good.length < results.length ? FAILED : new Map(good);
  };
}

/** One of several objects, told apart by the value of `tag`; one without it is an `absent`. */
export function tagged<Tag extends string, const V extends Readonly<Record<string, Parser<unknown>>>>(
  tag: Tag,
  variants: V,
  { absent }: { readonly absent?: keyof V & string } = {},
): Parser<Output<V[keyof V]>> {
  const byTag = new Map<string, Parser<unknown>>(Object.entries(variants));
  const choice = oneOf(...byTag.keys());
  return (value, path, issues) => {
    if (!isPlainObject(value)) {
      const tagged = absent === undefined ? ` whose ${tag} is ${showChoices([...byTag.keys()])}` : '';
      return fail(issues, path, `an object${tagged}`, value);
    }
    const named: unknown = Object.hasOwn(value, tag) ? Reflect.get(value, tag) : undefined;
    const name = choice(named === undefined ? absent : named, join(path, tag), issues);
    const variant = name === FAILED ? undefined : byTag.get(name);
    if (variant === undefined) issues.push(...issuesOfAll([...byTag.values()], value, path));
    return (variant === undefined ? FAILED : variant(value, path, issues)) as Result<Output<V[keyof V]>>;
  };
}

/** One word, or what the parser makes of anything else. */
export function orWord<const W extends string, T>(word: W, parser: Parser<T>): Parser<W | T> {
  return (value, path, issues) => {
    if (value === word) return word;
    if (isPlainObject(value)) return parser(value, path, issues);
    const others: Issue[] = [];
    const result = parser(value, path, others);
    issues.push(
      ...others.map((issue) => ({ ...issue, message: issue.message.replace(/^expected /, `$&${show(word)} or `) })),
    );
    return result;
  };
}

/** What is wrong whichever of the parsers was meant. Their hints, after the semicolon, may differ. */
function issuesOfAll(parsers: readonly Parser<unknown>[], value: unknown, path: string): readonly Issue[] {
  const [first = [], ...others] = parsers.map((parser) => {
    const issues: Issue[] = [];
    parser(value, path, issues);
    return issues;
  });
  const problem = ({ path: place, message }: Issue): string => `${place}: ${message.replace(/;.*/, '')}`;
  return first.filter((issue) => others.every((issues) => issues.some((other) => problem(other) === problem(issue))));
}

/** Adds what can only be said of a value that is right in all its parts. `check` returns issues relative to it. */
export function refine<T>(parser: Parser<T>, check: (value: T) => readonly Issue[]): Parser<T> {
  return (value, path, issues) => {
    const result = parser(value, path, issues);
    if (result === FAILED) return FAILED;
    const found = check(result);
    issues.push(...found.map((issue) => ({ ...issue, path: issue.path === '' ? path : join(path, issue.path) })));
    return found.length > 0 ? FAILED : result;
  };
}

/** Turns a good value into another. */
export function map<T, U>(parser: Parser<T>, convert: (value: T) => U): Parser<U> {
  return (value, path, issues) => {
    const result = parser(value, path, issues);
    return result === FAILED ? FAILED : convert(result);
  };
}
