/** Label matchers as an AlertmanagerConfig writes them. */

/** The CRD's types name the same operators once for each place where a matcher may stand. */
interface Operators<T> {
  readonly VALUE_EQUALS: T;
  readonly VALUE_EQUAL_TILDE: T;
  readonly VALUE_NOT_EQUALS_TO: T;
}

export interface Matcher<T> {
  readonly name: string;
  readonly matchType: T;
  readonly value: string;
}

export const matchers = <T>(operators: Operators<T>) => ({
  /** The label has one of these values. Alertmanager anchors its expressions itself. */
  isOneOf: (name: string, values: readonly string[]): Matcher<T> => {
    const [only = '', ...others] = values;
    return others.length === 0
      ? { name, matchType: operators.VALUE_EQUALS, value: only }
      : { name, matchType: operators.VALUE_EQUAL_TILDE, value: values.map(literally).join('|') };
  },

  /** The label is there: to Alertmanager, two alerts without it are equal in it. */
  isThere: (name: string): Matcher<T> => ({ name, matchType: operators.VALUE_NOT_EQUALS_TO, value: '' }),
});

const literally = (text: string): string => text.replaceAll('.', '\\.');
