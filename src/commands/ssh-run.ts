/**
 * One program on one host, over the system's own ssh: the host key is the described one, keys are those of whoever runs
 * this, and nothing is ever asked for.
 *
 * The program is sent only after the other side has said that it waits for it. What ended before is known to have done
 * nothing; of everything after, only the program's own status says what it did.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RebootSsh } from '../cluster/cluster.js';

interface SshRun {
  readonly node: string;
  readonly ssh: RebootSsh;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `NAME=value`, of the program on the other side. */
  readonly settings: readonly string[];
  /** For bash. */
  readonly program: string;
  /** Before the program is sent, it is not; after that, this has no effect. */
  readonly signal: AbortSignal;
  /** Just before it is sent. */
  readonly sending: () => void;
}

interface SshEnd {
  /** Nothing has begun on the host where it was not. */
  readonly sent: boolean;
  /** Of the program; null or 255: the connection was lost. */
  readonly status: number | null;
  /** The last words of the program, or else of ssh; one line. */
  readonly said: string;
}

/** A roll must not act on what it saw longer ago. */
const READY_MS = 10_000;

/** More than all that the program on the host waits for. */
const ANSWER_MS = 120_000;

/** From ssh's end to the end of what it wrote. */
const LAST_WORDS_MS = 500;

const READY = 'selfheal: ready';

/** Words of another machine: enough for a message, and not more than that. */
const MOST_CHARACTERS = 300;
const MOST_OUTPUT = 65_536;

export async function runOverSsh(run: SshRun): Promise<SshEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-ssh-'));
  try {
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, `${run.node} ${run.ssh.hostKey}\n`, { mode: 0o600 });
    return await talk(run, sshArguments(run, knownHosts));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What stands here goes before what stands in anybody's settings. */
export function sshArguments(
  { node, ssh, settings }: Pick<SshRun, 'node' | 'ssh' | 'settings'>,
  knownHosts: string,
): readonly string[] {
  const { host, port, user, sudo } = ssh;
  const options = [
    ...['BatchMode=yes', 'RequestTTY=no', 'RemoteCommand=none', 'EscapeChar=none', 'LogLevel=ERROR'],
    ...['StrictHostKeyChecking=yes', `UserKnownHostsFile="${knownHosts}"`, 'GlobalKnownHostsFile=/dev/null'],
    ...['KnownHostsCommand=none', 'VerifyHostKeyDNS=no', 'UpdateHostKeys=no', 'CheckHostIP=no', `HostKeyAlias=${node}`],
    // A connection that stands already was checked by somebody else.
    ...['ControlMaster=no', 'ControlPath=none'],
    ...['ForwardAgent=no', 'ForwardX11=no', 'ClearAllForwardings=yes', 'PermitLocalCommand=no'],
    ...['ConnectTimeout=8', 'ConnectionAttempts=1', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'],
  ];
  const words = [...(sudo ? ['sudo', '-n', '--'] : []), 'env', ...settings, 'bash', '/dev/stdin'];
  return [
    ...options.flatMap((option) => ['-o', option]),
    ...['-p', `${port}`, '-l', user, '--', host],
    // Its input is a socket there, and bash opens none by its name: hence the pipe.
    `printf '%s\\n' '${READY}'; cat | ${words.map(quoted).join(' ')}`,
  ];
}

/** One word for any shell. */
const quoted = (word: string): string => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function talk({ environment, program, signal, sending }: SshRun, args: readonly string[]): Promise<SshEnd> {
  // A session of its own: Ctrl-C is for this program, which ends after what is being written.
  const child = spawn('ssh', args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const heard = { out: '', err: '' };
  let sent = false;
  let limit = '';
  const give = (ms: number, words: string) =>
    setTimeout(() => {
      limit = words;
      child.kill('SIGKILL');
    }, ms);
  let timer = give(READY_MS, `no session within ${READY_MS / 1_000} s`);
  const abort = (): void => {
    if (!sent) child.kill('SIGKILL');
  };
  signal.addEventListener('abort', abort);
  // A connection that is lost says so when ssh ends.
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.err = `${heard.err}${text}`.slice(-MOST_OUTPUT);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard.out = `${heard.out}${text}`.slice(-MOST_OUTPUT);
    if (sent || signal.aborted || limit !== '' || !heard.out.split('\n').includes(READY)) return;
    clearTimeout(timer);
    timer = give(ANSWER_MS, `no answer within ${ANSWER_MS / 1_000} s`);
    heard.out = '';
    sent = true;
    sending();
    child.stdin.end(program);
  });
  return new Promise((resolve) => {
    const end = (status: number | null, said: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      resolve({ sent, status, said });
    };
    const heardAll = (status: number | null): void => end(status, limit || lastWords(heard, sent));
    child.on('error', ({ message }) => end(null, `ssh: ${message}`));
    child.on('close', heardAll);
    // What ssh itself has started may hold its output open.
    child.on('exit', (status) => setTimeout(heardAll, LAST_WORDS_MS, status));
  });
}

/** ssh says in two lines what is wrong with a host key. */
function lastWords({ out, err }: { readonly out: string; readonly err: string }, sent: boolean): string {
  const lines = (text: string): readonly string[] =>
    text
      .split(/[\r\n]+/)
      .map((line) => line.replaceAll(/\p{Cc}/gu, ' ').trim())
      .filter((line) => line !== '');
  const [program, ssh] = [lines(out).slice(-1), lines(err).slice(-2)];
  // What answers in the place of a shell says why on either.
  const [first, second] = sent ? [program, ssh] : [ssh, program];
  return (first.length > 0 ? first : second).join('; ').slice(0, MOST_CHARACTERS);
}
