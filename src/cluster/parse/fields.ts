/** Parsers of objects whose keys are known: what is missing has its default, what is unknown is an issue. */
import { didYouMean, type Issue, isPlainObject } from './issue.js';
import { FAILED, fail, join, type Output, type Parser } from './parser.js';

export interface Optional<T> {
  readonly parser: Parser<T>;
  readonly absent: T;
}

/** A key that may be missing; then it has the value `absent`. */
export function optional<T, const A extends T>(parser: Parser<T>, absent: A): Optional<T>;
export function optional<T>(parser: Parser<T>, absent: null): Optional<T | null>;
export function optional<T>(parser: Parser<T>, absent: T | null): Optional<T | null> {
  return { parser, absent };
}

type Field = Parser<unknown> | Optional<unknown>;
type FieldOutput<F> = F extends Optional<infer T> ? T : Output<F>;
/** Optional where the spec's key is, and only there. */
type Fields<Spec> = {
  readonly [Key in keyof Spec]-?: Partial<Pick<Spec, Key>> extends Pick<Spec, Key>
    ? Optional<unknown>
    : Parser<unknown>;
};
/** What `fields` makes of a shape. */
export type FieldsOutput<F> = { readonly [Key in keyof F]: FieldOutput<F[Key]> };

interface FieldsOptions<T> {
  /** What to say of a key that belongs to something else. */
  readonly elsewhere?: ReadonlyMap<string, string>;

  /** What can only be said of several keys together; a check is left out while a key that it reads is itself wrong. */
  readonly checks?: readonly ((value: T) => readonly Issue[])[];
}

/** An object with exactly the keys of `Spec`. Unknown keys are issues, with the nearest known key as a hint. */
export function fields<Spec>() {
  return <F extends Fields<Spec>>(
    shape: F & { readonly [Key in Exclude<keyof F, keyof Spec>]: never },
    { elsewhere = new Map(), checks = [] }: FieldsOptions<FieldsOutput<NoInfer<F>>> = {},
  ): Parser<FieldsOutput<F>> => {
    const known = new Map<string, Field>(Object.entries(shape));
    return (value, path, issues) => {
      if (!isPlainObject(value)) return fail(issues, path, withKeys(known), value);
      reportUnknownKeys(value, [...known.keys()], elsewhere, path, issues);
      const results = [...known].map(([key, field]) => [key, parseField(field, value, key, path, issues)] as const);
      const parts = guarded(results) as FieldsOutput<F>;
      const found = checks.flatMap((check) => runWithWhatIsRight(() => check(parts)));
      issues.push(...found.map((issue) => ({ ...issue, path: join(path, issue.path) })));
      if (found.length > 0 || results.some(([, result]) => result === FAILED)) return FAILED;
      return Object.fromEntries(results) as FieldsOutput<F>;
    };
  };
}

/** What must be there first, then what may be. */
function withKeys(known: ReadonlyMap<string, Field>): string {
  const named = (isNeeded: boolean) =>
    [...known].filter(([, field]) => (typeof field === 'function') === isNeeded).map(([key]) => key);
  const [needed, possible] = [named(true).join(', '), named(false).join(', ')];
  if (needed === '') return `an object, with ${possible} if wanted`;
  return `an object with ${needed}${possible === '' ? '' : ` (and ${possible} if wanted)`}`;
}

/** Reading a part that failed ends the check that reads it. */
function guarded(results: readonly (readonly [string, unknown])[]): object {
  const properties = results.map(([key, result]) => [
    key,
    {
      enumerable: true,
      get: (): unknown => {
        if (result === FAILED) throw FAILED;
        return result;
      },
    },
  ]);
  return Object.defineProperties({}, Object.fromEntries(properties));
}

function runWithWhatIsRight(check: () => readonly Issue[]): readonly Issue[] {
  try {
    return check();
  } catch (error) {
    if (error !== FAILED) throw error;
    return [];
  }
}

function parseField(field: Field, value: object, key: string, path: string, issues: Issue[]): unknown {
  const entry: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  if (typeof field === 'function') return field(entry, join(path, key), issues);
  return entry === undefined ? field.absent : field.parser(entry, join(path, key), issues);
}

function reportUnknownKeys(
  value: object,
  known: readonly string[],
  elsewhere: ReadonlyMap<string, string>,
  path: string,
  issues: Issue[],
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const belongs = elsewhere.get(key);
    const hint = belongs ? `; it belongs to ${belongs}` : didYouMean(key, known) || `; known are ${known.join(', ')}`;
    issues.push({ path: join(path, key), message: `unknown key${hint}` });
  }
}
