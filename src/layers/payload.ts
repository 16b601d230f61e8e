/**
 * Files inside a shell script that installs them: its function `payload PATH` prints the text of one.
 *
 * The files stand in it as they are, behind a mark that none of them has, so that no shell reads them.
 */
import { shellWord } from './shell-word.js';

const MARK = 'END OF THIS FILE OF SELFHEAL';

export interface InstalledFile {
  readonly path: string;
  readonly mode: '0755' | '0644';
  readonly content: string;
}

/** The script with its settings and its files; every file, once installed, is a path of the setting FILES. */
export function withPayload(
  script: string,
  settings: Readonly<Record<string, string>>,
  files: readonly InstalledFile[],
): string {
  const [interpreter = '', ...body] = script.split('\n');
  const all = { ...settings, FILES: files.map(({ mode, path }) => `${mode} ${path}`).join(';') };
  return [
    interpreter,
    ...Object.entries(all).map(([name, value]) => `SELFHEAL_INSTALL_${name}=${shellWord(value)}`),
    '',
    'payload() {',
    '  case $1 in',
    ...files.flatMap(carried),
    '    *) return 1 ;;',
    '  esac',
    '}',
    '',
    ...body,
  ].join('\n');
}

function carried({ path, content }: InstalledFile): readonly string[] {
  if (!content.endsWith('\n') || content.split('\n').includes(MARK))
    throw new Error(`file '${path}': expected a text that ends its last line and has no line "${MARK}", got another`);
  return [`    ${shellWord(path)})`, `      cat <<'${MARK}'`, `${content}${MARK}`, '      ;;'];
}
