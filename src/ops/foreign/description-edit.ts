/**
 * A description with one more name in its list `retiring`.
 *
 * A guess at how people write it: whoever writes the text back has to read it first, and to compare what it says.
 */

/** Undefined where the text is not written the way that we know. */
export function withRetiring(text: string, cluster: string, patch: string): string | undefined {
  const isJson = /^\s*\{/.test(text);
  const quote = isJson ? '"' : "'";
  const key = isJson ? '"retiring"' : 'retiring';
  const item = `${quote}${patch}${quote}`;
  const list = /^([ \t]*(?:retiring|"retiring"):[ \t]*\[)(\s*)(\]?)/m;
  if (list.test(text))
    return text.replace(list, (_, open: string, blank: string, close: string) =>
      close === '' ? `${open}${blank}${item},${blank === '' ? ' ' : blank}` : `${open}${item}]`,
    );
  const name = new RegExp(`^([ \\t]*)(?:name|"name"):[ \\t]*(['"])${escaped(cluster)}\\2,[ \\t]*$`, 'm');
  if (!name.test(text)) return undefined;
  return text.replace(name, (line: string, indent: string) => `${line}\n${indent}${key}: [${item}],`);
}

/** The line that somebody can add by hand. */
export const retiringLine = (patches: readonly string[]): string =>
  `retiring: [${patches.map((patch) => `'${patch}'`).join(', ')}],`;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
