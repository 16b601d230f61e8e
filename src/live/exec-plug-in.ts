/** Runs the program that a kubeconfig names for credentials (`exec`), for as long as a question may take. */
import { execFile } from 'node:child_process';
import { isPlainObject, show } from '../cluster/parse/issue.js';
import { CredentialsError } from './credentials-error.js';

interface Credentials {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** @throws CredentialsError, which shows nothing of what the program printed: that may be a token. */
export async function runPlugIn(
  exec: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): Promise<Credentials> {
  if (!isPlainObject(exec) || typeof exec.command !== 'string')
    throw new CredentialsError('the kubeconfig has an exec plug-in without a command');
  const { command } = exec;
  const args = Array.isArray(exec.args) ? exec.args.map(String) : [];
  const answer = await new Promise<string>((resolve, reject) => {
    const env = { ...environment, ...variablesOf(exec.env), KUBERNETES_EXEC_INFO: execInfo(exec.apiVersion) };
    execFile(command, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new CredentialsError(`exec plug-in ${show(command)}: ${endOf(error)}`));
    });
  });
  return readCredentials(command, answer);
}

function endOf(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === 'ENOENT') return 'there is no such program in PATH';
  if (error.killed === true) return `it did not end in time`;
  return `expected exit status 0, got ${show(error.code)}; run it by hand to see why`;
}

function readCredentials(command: string, answer: string): Credentials {
  let read: unknown;
  try {
    read = JSON.parse(answer);
  } catch {
    // JSON's message quotes the text, which may hold the token.
  }
  const status = isPlainObject(read) ? read.status : undefined;
  if (!isPlainObject(status))
    throw new CredentialsError(`exec plug-in ${show(command)}: expected an ExecCredential as JSON, got something else`);
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const [token, cert, key] = [text(status.token), text(status.clientCertificateData), text(status.clientKeyData)];
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** What a plug-in is told: which version of the protocol, and that nobody sits at the keyboard. */
const execInfo = (apiVersion: unknown): string =>
  JSON.stringify({
    apiVersion: typeof apiVersion === 'string' ? apiVersion : 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false },
  });

const variablesOf = (env: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (Array.isArray(env) ? env.filter(isPlainObject) : []).map(({ name, value }) => [String(name), String(value)]),
  );
