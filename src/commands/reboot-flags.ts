/** What the flags of `selfheal reboot` together ask for. All that is wrong with them is said at once, and nothing is asked before. */
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { ConnectOptions } from '../live/kube-api.js';
import { type Description, loadDescriptions } from '../synth/load-clusters.js';
import { CLUSTER_FLAGS, connectOptions } from './cluster-flags.js';
import type { Io } from './command.js';
import { meantCluster } from './described-cluster.js';
import { chosen, chosenOutput, clustersFolder, readFlags } from './flags.js';

const { timeout: _, ...WHICH } = CLUSTER_FLAGS;

const FLAGS = {
  ...WHICH,
  node: { type: 'string', multiple: true },
  reason: { type: 'string' },
  apply: { type: 'boolean' },
  undo: { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  output: { type: 'string', short: 'o' },
  'print-role': { type: 'boolean' },
} as const;

const OUTPUTS = ['text', 'json'] as const;

/** For one question; a roll must not act on what it saw longer ago. */
const QUESTION = '10s';

export type RebootAsked =
  | { readonly do: 'print-role'; readonly description: Description }
  | {
      readonly do: 'plan' | 'apply';
      readonly description: Description;
      readonly which: ConnectOptions;
      readonly named: readonly string[];
      readonly reason: string | undefined;
      readonly undo: boolean;
      readonly output: (typeof OUTPUTS)[number];
    };

/** @throws OperatorError with all that is wrong. */
export async function readRebootFlags(args: readonly string[], io: Io): Promise<RebootAsked> {
  const given = readFlags(args, FLAGS);
  const { node = [], reason, undo = false, apply = false, 'print-role': printRole = false } = given;
  const problems: OperatorError[] = [];
  const tried = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const output = await tried(() => chosenOutput(given.output ?? 'text', OUTPUTS));
  const which = printRole ? null : await tried(() => meantContext(given, io));
  for (const alone of ALONE) await tried(() => refuseBeside(alone, given));
  await tried(() => refuseTwice(node));
  await tried(() => refuseReason(reason));
  const description = await tried(async () =>
    meantCluster(await loadDescriptions(clustersFolder(given.clusters, io)), given.cluster),
  );
  const names = new Map(description?.cluster.nodes.map(({ name }) => [name, name]));
  if (description !== undefined) for (const name of new Set(node)) await tried(() => chosen('--node', name, names));
  if (problems.length > 0 || description === undefined || output === undefined || which === undefined)
    throw together(problems);
  if (which === null) return { do: 'print-role', description };
  return { do: apply ? 'apply' : 'plan', description, which, named: node, reason, undo, output };
}

/** Reads the kubeconfig, so that a context which it does not have is said with the rest. */
async function meantContext(given: Given, io: Io): Promise<ConnectOptions> {
  const options = connectOptions({ ...given, timeout: QUESTION }, io);
  const { targetOf } = await import('../live/connect.js');
  targetOf(options);
  return options;
}

interface Alone {
  readonly flag: 'undo' | 'print-role';
  readonly without: readonly ('node' | 'reason' | 'undo' | 'apply')[];
  readonly why: string;
}

const ALONE: readonly Alone[] = [
  { flag: 'undo', without: ['node', 'reason'], why: 'it takes all of it back' },
  { flag: 'print-role', without: ['node', 'reason', 'undo', 'apply'], why: 'it asks no cluster' },
];

/** What would be passed over without a word. */
function refuseBeside({ flag, without, why }: Alone, given: Given): void {
  const found = without.filter((name) => given[name] !== undefined);
  if (given[flag] !== true || found.length === 0) return;
  const named = (flags: readonly string[]): string => flags.map((name) => `--${name}`).join(', ');
  throw new OperatorError(`--${flag}: expected none of ${named(without)} with it, got ${named(found)}`, [why]);
}

type Given = ReturnType<typeof readFlags<typeof FLAGS>>;

/** One of them may have been meant for another. */
function refuseTwice(nodes: readonly string[]): void {
  const again = [...new Set(nodes.filter((name, index) => nodes.indexOf(name) !== index))];
  if (again.length > 0)
    throw new OperatorError(`--node: expected each node once, got ${again.map((name) => show(name)).join(', ')} again`);
}

/** It stands in a plan, on a node, in messages and in notifications, each time in one line. */
function refuseReason(reason: string | undefined): void {
  if (reason === undefined || /^(?=.{1,200}$)\S(.*\S)?$/u.test(reason)) return;
  throw new OperatorError(`--reason: expected one line that says why, at most 200 characters, got ${show(reason)}`);
}

/** The first one, with all others below it. */
function together([first, ...more]: readonly OperatorError[]): OperatorError {
  const hints = [...(first?.hints ?? []), ...more.flatMap(({ message, hints }) => [message, ...hints])];
  return new OperatorError(first?.message ?? '', hints);
}
