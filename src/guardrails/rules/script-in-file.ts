/** A script is a file in a ConfigMap, never text in a container's arguments. */

import { everyField, show, textsAt } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { inlineScript } from '../scripts.js';
import type { Container } from '../workloads.js';

export const scriptInFile: Guardrail = {
  id: 'script-in-file',
  severity: 'error',
  lesson:
    'The "$@" of a script in args became "" on its way through YAML, JSON and shell; the jobs failed at once and said nothing useful.',
  incident: 'nov-7-8',
  check: ({ workloads }) => workloads.flatMap(({ containers }) => containers.flatMap(textsIn)),
};

/** What a shell would read as more than one plain command. A Kubernetes `$(NAME)` counts: the shell sees its value. */
const SHELL_SYNTAX = /[\n"'`;|&<>$\\*?()[\]{}~#]/;

function textsIn(container: Container): readonly Violation[] {
  const words = [...container.command, ...container.args, ...commandsWithin(container)];
  const found = [
    ...words.filter((word) => word.trim().includes('\n')),
    ...inlineScript(container)
      .map(({ text }) => text)
      .filter((text) => SHELL_SYNTAX.test(text.trim())),
  ];
  return [...new Set(found)].map((text) => ({
    where: container.where,
    found: `expected a command of plain words, got a script of ${text.trim().split('\n').length} lines starting ${show(text.trim().slice(0, 40))}`,
    mend: 'put it into a file below src/layers/<layer>/scripts, mount it from a ConfigMap and run it by its path',
  }));
}

/** Those of probes and of lifecycle hooks. */
const commandsWithin = ({ fields }: Container): readonly string[] =>
  everyField(fields)
    .filter(({ path }) => path.endsWith('exec'))
    .flatMap(({ value }) => textsAt(value, 'command'));
