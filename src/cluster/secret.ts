/** What secrets look like, so that none is committed or printed. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(ghp|gho|ghs|ghu)_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}/,
  /\bglpat-[\w-]{20}/,
  /\bxox[abprs]-[\w-]{10,}/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  /\bclient-key-data:\s*\S{20}/,
  // User and password in a URL; the scheme is left out, because looking for its start takes long in long texts.
  /:\/\/[^\s/:@"'$<{]+:[^\s/@"'$<{]+@/,
];

const PEM_START = 'LS0tLS1CRUdJTi';
const PEM_IN_BASE64 = new RegExp(`${PEM_START}[A-Za-z0-9+/=\\s]{40,}`);

/** Whether a private key, a token or a password in a URL stands in the text, plain or in base64. */
export function holdsSecret(text: string): boolean {
  // Looked for by itself first: most texts are long and hold none.
  const packed = text.includes(PEM_START) ? PEM_IN_BASE64.exec(text)?.[0] : undefined;
  const texts = packed === undefined ? [text] : [text, Buffer.from(packed, 'base64').toString('latin1')];
  return texts.some((each) => SECRETS.some((pattern) => pattern.test(each)));
}
