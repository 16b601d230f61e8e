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
  for (const check of [() => refuseStray(given), () => refuseTwice(node), () => refuseReason(reason)])
    await tried(check);
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

function refuseStray({ undo, apply, node = [], reason, 'print-role': printRole }: Given): void {
  const others = [
    ...(node.length > 0 ? ['--node'] : []),
    ...(reason === undefined ? [] : ['--reason']),
    ...(undo === true && printRole === true ? ['--undo'] : []),
    ...(apply === true && printRole === true ? ['--apply'] : []),
  ];
  if (others.length === 0 || (undo !== true && printRole !== true)) return;
  if (printRole === true)
    throw new OperatorError(`--print-role: expected it alone, got it with ${others.join(' and ')}`, [
      'it asks no cluster',
    ]);
  throw new OperatorError(`--undo: expected no --node and no --reason with it, got ${others.join(' and ')}`, [
    'it takes all of it back',
  ]);
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
