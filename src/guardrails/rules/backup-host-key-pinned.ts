/** Whatever connects by SSH knows the other machine's key beforehand and takes no other. */

import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { commandLines, isScript, scriptsRunBy } from '../scripts.js';

export const backupHostKeyPinned: Guardrail = {
  id: 'backup-host-key-pinned',
  severity: 'error',
  lesson:
    'The copy holds every secret of the volumes, and a key that is accepted unseen may be anybody between the machines.',
  incident: 'nov-13',
  check: ({ workloads, scripts, texts }) => {
    const inTexts = texts.flatMap((text) =>
      offences(text.where, isScript(text) ? commandLines(text.text) : commandLines(text.text.replaceAll('\t', ' '))),
    );
    const inContainers = workloads.flatMap((workload) =>
      workload.containers.flatMap((container) => {
        const run = scriptsRunBy(container, workload, scripts);
        const words = [...container.env].map(([name, value]) => `${name}=${value}`);
        const own = run.filter(({ object }) => object === null).flatMap(({ lines }) => lines);
        const lines = run.flatMap((script) => script.lines);
        const call = lines.find((line) => CONNECTS.test(line) && !NO_CALL.test(line));
        const all = [...lines, ...words].join('\n');
        return [
          ...offences(container.where, [...own, ...words]),
          ...(call === undefined || PINNED.every((option) => option.test(all))
            ? []
            : [unpinned(container.where, call)]),
        ];
      }),
    );
    return [...new Map([...inTexts, ...inContainers].map((each) => [`${each.where}\n${each.found}`, each])).values()];
  },
};

const MEND =
  'mount a known_hosts with the key that was read on the machine itself, and pass StrictHostKeyChecking=yes and UserKnownHostsFile';

/** By its name, by a path, or by a variable that is named after it; rsync where it is given a shell or another machine. */
const CONNECTS =
  /(^|[\s;&|("'/])((ssh|scp|sftp|\$\{?\w*(SSH|SCP|SFTP)\}?)["')]?\s+[-"'$\w]|(rsync|\$\{?\w*RSYNC\}?)["')]?\s(.*\s)?(-[a-zA-Z]*e\b|--rsh|[\w$"@{}.-]+:\S))/;

/** Lines that speak of a program without running it. */
const NO_CALL = /^(for|case|if \[|\[)\s|\b(command -v|type|which)\b/;

const PINNED: readonly RegExp[] = [/StrictHostKeyChecking[=\s]+["']?yes\b/i, /UserKnownHostsFile[=\s]/i];

const UNPINNING =
  /StrictHostKeyChecking[=\s]+["']?(no|off|false|ask|accept-new)\b|(?<!Global)UserKnownHostsFile[=\s]+["']?\/dev\/null|\bssh-keyscan\b/i;

function offences(where: string, lines: readonly string[]): readonly Violation[] {
  return lines.flatMap((line) => {
    const found = UNPINNING.exec(line)?.[0];
    return found === undefined
      ? []
      : [{ where, found: `expected the other machine's key to be known beforehand, got ${show(found)}`, mend: MEND }];
  });
}

const unpinned = (where: string, line: string): Violation => ({
  where,
  found: `expected SSH with StrictHostKeyChecking=yes and a UserKnownHostsFile, got ${show(line.length > 80 ? `${line.slice(0, 77)}...` : line)}`,
  mend: MEND,
});
