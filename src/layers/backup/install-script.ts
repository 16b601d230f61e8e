/** The script that prepares the other machine: one text that a person can read, carry there and run. */
import { withPayload } from '../payload.js';
import { readScript } from '../script.js';
import { authorizedKeysLine, type KeyPlace, keepOptions } from './authorized-keys.js';
import { serverFiles } from './server-program.js';

export function installScript(place: KeyPlace, publicKey: string, from: readonly string[]): string {
  const { to, form } = place;
  return withPayload(
    readScript('backup', 'install/install-backup-server.sh'),
    {
      FORM: form,
      ACCOUNT: to.user,
      FOLDER: to.path,
      KEY: publicKey,
      LINE: authorizedKeysLine(place, publicKey, from),
      OPTIONS: place.form === 'snapshots' ? keepOptions(place) : '',
      HOST_KEY: to.hostKey,
    },
    form === 'snapshots' ? serverFiles() : [],
  );
}
