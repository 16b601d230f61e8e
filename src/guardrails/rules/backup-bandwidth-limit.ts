/** Whatever copies files to another machine has a limit, and the limit is a number above zero. */

import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { type Script, scriptsRunBy } from '../scripts.js';
import type { Container, Workload } from '../workloads.js';

export const backupBandwidthLimit: Guardrail = {
  id: 'backup-bandwidth-limit',
  severity: 'error',
  lesson: 'rsync without a limit drove the node from 20 % to 85 % CPU and froze it in less than two seconds.',
  incident: 'nov-13',
  check: ({ workloads, scripts }) => [
    ...new Map(
      workloads
        .flatMap((workload) => workload.containers.flatMap((container) => copiesOf(container, workload, scripts)))
        .map((violation) => [`${violation.where}\n${violation.found}`, violation]),
    ).values(),
  ],
};

const MEND = 'pass --bwlimit with the KiB per second that the slowest node stands, e.g. --bwlimit=5000';

interface Tool {
  readonly name: string;
  /** A call that copies something: the program with an option or an operand behind it. */
  readonly call: RegExp;
  readonly limit: RegExp;
}

const TOOLS: readonly Tool[] = [
  { name: 'rsync', call: callOf('rsync'), limit: /--bwlimit(?:=|\s+)(\S+)/ },
  { name: 'rclone', call: callOf('rclone'), limit: /--bwlimit(?:=|\s+)(\S+)/ },
  { name: 'restic', call: callOf('restic'), limit: /--limit-upload(?:=|\s+)(\S+)/ },
  { name: 'scp', call: callOf('scp'), limit: /\s-l\s*(\S+)/ },
];

/** By its name, by a path, or by a variable that is named after it. */
function callOf(program: string): RegExp {
  const variable = `\\$\\{?\\w*${program.toUpperCase()}\\}?`;
  return new RegExp(`(^|[\\s;&|("'/])(${program}|${variable})["')]?\\s+(?!--(version|help)\\b)[-"'$/\\w]`);
}

/** Lines that speak of a program without running it. */
const NO_CALL = /^(for|case|if \[|\[)\s|\b(command -v|type|which)\b/;

/** A text that is kept for later or only said, and has neither an option nor a path in it, is a message. */
const MESSAGES =
  /\b(?:\w+=|(?:echo|printf|say|tell|finish \d+) )("(?:(?!\s-|\s\/|:\/)[^"])*"|'(?:(?!\s-|\s\/|:\/)[^'])*')/g;

function copiesOf(container: Container, workload: Workload, scripts: readonly Script[]): readonly Violation[] {
  return scriptsRunBy(container, workload, scripts).flatMap(({ where, text, lines }) => {
    const named = TOOLS.filter(({ name }) => text.toLowerCase().includes(name));
    return named.flatMap(({ name, call, limit }) => {
      const calls = lines.filter((line) => call.test(line.replaceAll(MESSAGES, '')) && !NO_CALL.test(line));
      return calls.flatMap((line): readonly Violation[] => {
        // Options that are gathered first, in "$@" or in an array, hold the limit on a line of their own.
        const source = limit.test(line) || !/\$(@|\{?\w+\[?@?)/.test(line) ? line : lines.join('\n');
        const value = limit.exec(source)?.[1];
        if (value === undefined)
          return [{ where, found: `expected ${name} with a bandwidth limit, got ${show(shorten(line))}`, mend: MEND }];
        const resolved = resolve(value, container.env, text);
        return Number.parseInt(resolved ?? '', 10) > 0
          ? []
          : [
              {
                where: container.where,
                found: `expected ${name}'s limit to be a number above zero (zero means none), got ${show(resolved ?? value)}`,
                mend: MEND,
              },
            ];
      });
    });
  });
}

/** A limit that is given by name: by the container's environment, by an assignment in the script, or by its default. */
function resolve(value: string, env: ReadonlyMap<string, string>, script: string): string | undefined {
  const bare = value.replaceAll(/["')]/g, '');
  const name = /^\$\{?(\w+)/.exec(bare)?.[1];
  if (name === undefined) return bare;
  const assigned = new RegExp(`^\\s*(?:readonly |local |export )?${name}=(\\S+)`, 'm').exec(script)?.[1];
  const byAssignment = assigned === undefined || assigned.includes(name) ? assigned : resolve(assigned, env, '');
  const byDefault = /:[-=](\d+)\}/.exec(byAssignment ?? bare)?.[1];
  return env.get(name) ?? byDefault ?? (byAssignment?.includes(name) ? undefined : byAssignment);
}

const shorten = (line: string): string => (line.length > 80 ? `${line.slice(0, 77)}...` : line);
