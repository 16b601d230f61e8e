/**
 * The script that prepares the other machine: one text that a person can read, carry there and run.
 *
 * The files that it installs stand in it as they are, behind a mark that none of them has, so that no shell reads them.
 */
import { readScript } from '../script.js';
import { authorizedKeysLine, type KeyPlace, keepOptions } from './authorized-keys.js';
import { type InstalledFile, serverFiles } from './server-program.js';
import { shellWord } from './shell-word.js';

const MARK = 'END OF THIS FILE OF SELFHEAL';

export function installScript(place: KeyPlace, publicKey: string, from: readonly string[]): string {
  const { to, form } = place;
  const files = form === 'snapshots' ? serverFiles() : [];
  const settings = {
    FORM: form,
    ACCOUNT: to.user,
    FOLDER: to.path,
    KEY: publicKey,
    LINE: authorizedKeysLine(place, publicKey, from),
    OPTIONS: place.form === 'snapshots' ? keepOptions(place) : '',
    HOST_KEY: to.hostKey,
    FILES: files.map(({ mode, path }) => `${mode} ${path}`).join(';'),
  };
  const [interpreter = '', ...body] = readScript('backup', 'install/install-backup-server.sh').split('\n');
  return [
    interpreter,
    ...Object.entries(settings).map(([name, value]) => `SELFHEAL_INSTALL_${name}=${shellWord(value)}`),
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
