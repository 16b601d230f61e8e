/** No script fetches a program when it runs. */

import { show } from '../../manifest/json.js';
import type { Guardrail } from '../guardrail.js';
import { inlineScript } from '../scripts.js';

export const nothingInstalled: Guardrail = {
  id: 'nothing-installed',
  severity: 'error',
  lesson:
    '`apk add rsync openssh-client` in a pod without a way out failed silently, and the backup ran with nothing to run.',
  incident: 'nov-7-8',
  check: ({ scripts, workloads }) =>
    [...scripts, ...workloads.flatMap(({ containers }) => containers.flatMap(inlineScript))].flatMap(
      ({ where, lines }) =>
        lines
          .filter((line) => FETCHES.some((pattern) => pattern.test(line)))
          .map((line) => ({
            where,
            found: `expected only programs that are on the node or in the image, got ${show(line.slice(0, 80))}`,
            mend: "use an image that has the program, or mount the host's as the layer `backup` does",
          })),
    ),
};

/** An `install` names a package. An operating-system upgrade that the description asks for is none. */
const FETCHES: readonly RegExp[] = [
  /\bapk\s+(-\S+\s+)*add\b/,
  /\b(apt|apt-get|aptitude|dnf|microdnf|yum|zypper|snap|brew)\s+(-\S+\s+)*install\s+(-\S+\s+)*[\w$"'./{]/,
  /\b(pip3?|gem|cargo|go)\s+install\b/,
  /\bnpm\s+(i|install|ci)\b|\bnpx\s/,
  /\b(curl|wget)\b.*\|\s*(sudo\s+)?\S*(ba|da)?sh\b/,
  /\b(curl|wget)\b.*(-o|-O|--output\S*)\s*\S*\/s?bin\//,
];
