/** What the flags of `selfheal restore` ask for; everything that is wrong with them at once. */
import { didYouMean, type Issue, type Parsed, show } from '../../cluster/parse/issue.js';

/** In the form of node:util's parseArgs. */
export const RESTORE_FLAGS = {
  output: { type: 'string', short: 'o' },
  volume: { type: 'string' },
  snapshot: { type: 'string' },
  into: { type: 'string' },
  apply: { type: 'boolean' },
  job: { type: 'boolean' },
  node: { type: 'string' },
  claim: { type: 'string' },
  key: { type: 'string' },
  local: { type: 'string' },
  offsite: { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
} as const;

type Flags = {
  readonly [flag in keyof typeof RESTORE_FLAGS]?: (typeof RESTORE_FLAGS)[flag]['type'] extends 'boolean'
    ? boolean
    : string;
};

export type RestoreRequest =
  | { readonly kind: 'list'; readonly volume: string | undefined; readonly output: 'text' | 'json' }
  | (Chosen & { readonly kind: 'restore'; readonly into: string })
  | (Chosen & { readonly kind: 'job'; readonly node: string; readonly target: JobTarget });

/** One volume of one snapshot, and whether anything is written. */
interface Chosen {
  readonly volume: string;
  readonly snapshot: string;
  readonly apply: boolean;
}

type JobTarget =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'claim'; readonly namespace: string; readonly name: string };

const SNAPSHOT = /^(latest|\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?)$/;
const VOLUME = /^([A-Za-z0-9][A-Za-z0-9._-]*|[a-z0-9][-a-z0-9]*\/[a-z0-9][-a-z0-9.]*)$/;
const CLAIM = /^([a-z0-9][-a-z0-9]*)\/([a-z0-9][-a-z0-9.]*)$/;
/** A control character would tear the lines of a plan apart. */
const FOLDER = /^(?!\/+$)\P{Cc}+$/u;
/** Below a folder that can be mounted, which / cannot; a word of the pod's environment. */
const NODE_FOLDER = /^(?!.*\/\.{1,2}(\/|$))(\/[^\s:,'"\\/]+){2,}$/;

export function parseRestoreFlags(flags: Flags): Parsed<RestoreRequest> {
  const issues: Issue[] = [];
  const complain = (path: keyof Flags, message: string): void => {
    issues.push({ path: `--${path}`, message });
  };
  const given = (name: keyof Flags): boolean => flags[name] !== undefined;
  /** With one of `unless` beside it, a flag has a meaning; without, it was meant for something else. */
  const needs = (name: keyof Flags, unless: keyof Flags): void => {
    if (given(name) && !given(unless)) complain(name, `expected together with --${unless}, got it alone`);
  };
  const excludes = (name: keyof Flags, others: readonly (keyof Flags)[]): void => {
    for (const other of others)
      if (given(name) && given(other)) complain(name, `expected without --${other}, got both`);
  };
  const matching = (name: 'volume' | 'snapshot' | 'claim' | 'into', pattern: RegExp, expected: string): void => {
    const text = flags[name];
    if (text !== undefined && !pattern.test(text)) complain(name, `expected ${expected}, got ${show(text)}`);
  };

  matching('volume', VOLUME, 'a volume as "selfheal restore" lists it, e.g. "home/ha-config"');
  matching('snapshot', SNAPSHOT, '"latest" or a snapshot as "selfheal restore" lists it');
  matching('claim', CLAIM, 'a claim with its namespace, e.g. "home/ha-config"');
  if (flags.job)
    matching('into', NODE_FOLDER, 'an absolute path on the node with a folder above it, plain and without blanks');
  else matching('into', FOLDER, 'a folder below /');
  if (given('output') && flags.output !== 'text' && flags.output !== 'json')
    complain(
      'output',
      `expected one of text, json, got ${show(flags.output)}${didYouMean(`${flags.output}`, ['text', 'json'])}`,
    );
  needs('snapshot', 'volume');
  needs('node', 'job');
  needs('claim', 'job');
  needs('into', 'volume');
  excludes('into', ['claim', 'output']);
  excludes('job', ['local', 'key', 'output']);
  excludes('local', ['key', 'offsite', 'cluster', 'clusters']);
  if (flags.job && !given('volume')) complain('volume', 'expected with --job, got nothing');
  if (flags.job && !given('node')) complain('node', 'expected the node that the Job runs on, got nothing');
  if (flags.job && !given('claim') && !given('into'))
    complain('into', 'expected a folder of the node (or --claim NAMESPACE/NAME), got nothing');
  if (!flags.job && given('apply') && !given('into')) complain('apply', 'expected together with --into, got it alone');
  if (!flags.job && given('snapshot') && given('volume') && !given('into'))
    complain('snapshot', 'expected together with --into, got it alone');
  if (issues.length > 0) return { ok: false, issues };

  const { volume, into, node = '', snapshot = 'latest', apply = false } = flags;
  if (volume !== undefined && flags.job)
    return { ok: true, value: { kind: 'job', volume, snapshot, apply, node, target: targetOf(flags) } };
  if (volume !== undefined && into !== undefined)
    return { ok: true, value: { kind: 'restore', volume, snapshot, apply, into } };
  return { ok: true, value: { kind: 'list', volume, output: flags.output === 'json' ? 'json' : 'text' } };
}

function targetOf({ claim = '', into = '' }: Flags): JobTarget {
  const [, namespace, name] = CLAIM.exec(claim) ?? [];
  return namespace === undefined || name === undefined
    ? { kind: 'folder', path: into }
    : { kind: 'claim', namespace, name };
}
