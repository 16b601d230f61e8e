/**
 * A host state as the lines that the host program reads: one item a line, fields parted by one blank.
 *
 * The form stands in scripts/plan.sh. What that program would refuse is refused here, before it gets into Git.
 */
import type { HostGroup } from '../../cluster/cluster.js';
import { type HostFile, type HostState, STATE_FOLDER } from '../../host/host-state.js';
import { payloadKey } from './payload.js';

/** The only folders that the host program writes to. */
export const HOST_ROOTS = [
  '/etc',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/local/lib/selfheal',
  '/boot/firmware',
  '/var/lib/selfheal',
  '/var/snap/microk8s/current/args',
] as const;

/** Where the host program and its memory live on the host; not to be written by a plan. */
export const BOOTSTRAP_FOLDER = `${STATE_FOLDER}/bootstrap`;

const GRUB_MENU = '/etc/default/grub.d/99-selfheal.cfg';

/** GRUB takes kernel arguments from a file like any other; the firmware's one line is edited by the host program. */
export function withBootMenu({ bootLoader }: HostGroup, state: HostState): HostState {
  if (bootLoader !== 'grub' || state.kernelArguments.length === 0) return state;
  const menu: HostFile = {
    path: GRUB_MENU,
    mode: '0644',
    content: `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${[...new Set(state.kernelArguments)].join(' ')}"\n`,
  };
  return { ...state, files: [...state.files, menu] };
}

/** What was brought and is not asked for any more is taken back, whoever has edited it since. */
export const onDriftOf = ({ state, onDrift }: HostGroup): 'report' | 'restore' =>
  state === 'absent' ? 'restore' : onDrift;

export function planLines(group: HostGroup, state: HostState): string {
  const { name, bootLoader } = group;
  const once = (what: string, keys: readonly string[]): void => {
    const twice = keys.find((key, index) => keys.indexOf(key) < index);
    if (twice !== undefined)
      throw new Error(`host state of '${name}': expected each ${what} once, got ${JSON.stringify(twice)} twice`);
  };
  const words = [...new Set(state.kernelArguments)];
  once(
    'path',
    state.files.map(({ path }) => path),
  );
  // The kernel does not tell "-" from "_" in the name of a parameter.
  once(
    'kernel argument',
    words.map((word) => word.replace(/=.*/, '').replaceAll('-', '_')),
  );
  once(
    'flag',
    state.flags.map(({ file, flag }) => `${flag} in ${file}`),
  );
  once(
    'module parameter',
    state.parameters.map(({ module, name: parameter }) => `${module}.${parameter}`),
  );
  for (const path of [...state.files.map(({ path }) => path), ...state.flags.map(({ file }) => file)]) {
    refuseForeignPath(name, path);
  }

  const items: readonly (readonly string[])[] = [
    ['selfheal-plan', '1'],
    ['boot-loader', bootLoader],
    ['on-drift', onDriftOf(group)],
    ...state.files.map(({ mode, path }) => ['file', mode, payloadKey(path), path]),
    ...unitLines(state),
    ...words.map((word) => ['argument', word]),
    ...state.flags.map(({ file, flag, value, readBy }) => ['flag', file, flag, value, readBy]),
    ...state.parameters.map(({ module, name: parameter, value }) => ['parameter', module, parameter, value]),
    ['end'],
  ];
  const field = items.flat().find((text) => !/^[!-~]+$/.test(text));
  if (field !== undefined)
    throw new Error(`host state of '${name}': expected fields without blanks, got ${JSON.stringify(field)}`);
  return items.map((fields) => `${fields.join(' ')}\n`).join('');
}

/** A unit that several layers ask for is one, and reads what any of them says. */
function unitLines({ units }: HostState): readonly (readonly string[])[] {
  const asked = units.map((unit) => (typeof unit === 'string' ? { name: unit, reads: [] } : unit));
  const names = [...new Set(asked.map(({ name }) => name))];
  return names.map((unit) => {
    const reads = asked.filter(({ name }) => name === unit).flatMap((each) => each.reads);
    return ['unit', unit, ...new Set(reads)];
  });
}

function refuseForeignPath(group: string, path: string): void {
  const plain = /^(\/[A-Za-z0-9_.@:+-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path);
  const allowed =
    HOST_ROOTS.some((root) => path.startsWith(`${root}/`)) && !`${path}/`.startsWith(`${BOOTSTRAP_FOLDER}/`);
  if (!plain || !allowed)
    throw new Error(
      `host state of '${group}': expected a plain path in one of ${HOST_ROOTS.join(', ')}, got ${JSON.stringify(path)}`,
    );
}
