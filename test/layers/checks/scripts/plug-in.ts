/** Runs a check for real, with a kubectl that answers as the real one does. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FakeHost, fakeHost } from '../../../support/fake-host.js';

const SCRIPTS = resolve('src/layers/checks/scripts');

/** By the API server's clock; that of the machine is never asked. */
export const NOW = '2026-06-04T20:27:00Z';

export const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();

/** `kubectl get --v=8` of 1.34; the older form is in a test of its own. */
const LOG = `printf '%s\\n' 'I0604 20:27:00.604930   29298 round_trippers.go:632] "Response" status="200 OK" headers=<' '\tDate: Thu, 04 Jun 2026 20:27:00 GMT' ' > milliseconds=6' 'I0604 20:27:00.6 1 helper.go:113] "Response Body" body="{}"' >&2`;

/** Rows of one answer, or a body of bash that stands for the whole kubectl. */
export type Answer = readonly string[] | string;

/** A body that prints rows as the template of `ask` frames them. */
export const rows = (lines: readonly string[], log = LOG): string =>
  [log, `printf '%s\\n' selfheal-begin ${lines.map((line) => `'${line}'`).join(' ')} selfheal-end`].join('\n');

/** By what is asked for: the word after `get`, and where that is not enough the arguments that it stands with. */
export function kubectl(answers: Readonly<Record<string, Answer>>): string {
  const cases = Object.entries(answers).map(
    ([words, answer]) => `*' ${words} '*)\n${typeof answer === 'string' ? answer : rows(answer)}\n;;`,
  );
  return `case " $* " in\n${cases.join('\n')}\n*) printf 'unexpected: %s\\n' "$*" >&2; exit 1 ;;\nesac`;
}

export interface Verdict {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CheckHost {
  readonly host: FakeHost;
  /** Words are arguments; an object before them is the environment, which NRPE does not give and a unit does. */
  readonly run: (script: string, ...args: readonly (string | Readonly<Record<string, string>>)[]) => Verdict;
}

const REAL = ['timeout', 'cat', 'mkdir', 'mv'];

export const SETTINGS = {
  CHECKS_KUBECTL: '"kubectl --kubeconfig=/etc/x"',
  CHECKS_NODE_KUBECTL: '"kubectl --kubeconfig=/etc/node"',
  CHECKS_UNTOUCHED_SECONDS: '300',
  CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS: '900',
  CHECKS_UNRENEWED_SECONDS: '300',
  CHECKS_COREDNS_REPLICAS: '2',
  CHECKS_SANDBOX_ERRORS: '5',
  CHECKS_SANDBOX_SECONDS: '300',
  CHECKS_JIVA_NAMESPACE: 'openebs',
  CHECKS_JIVA_REPLICAS: '3',
  CHECKS_JIVA_QUORUM: '2',
  CHECKS_BACKUP_NAMESPACE: 'kube-system',
  CHECKS_BACKUPS: '"local-path-backup=93600"',
  CHECKS_NODES: '"k8s01 k8s02"',
  CHECKS_CALICO_RESTARTS: '2',
  CHECKS_CALICO_WINDOW_SECONDS: '1800',
  CHECKS_CALICO_BOOT_SECONDS: '3600',
  CHECKS_DATASTORE_UNIT: 'dqlite.service',
  CHECKS_DATASTORE_ERRORS: '10',
  CHECKS_DATASTORE_SECONDS: '600',
  CHECKS_WATCHDOG_SILENT_SECONDS: '300',
  CHECKS_WATCHDOG_FIRST_SECONDS: '0',
} as const;

/** A host with these stubs; settings come from the file, as for NRPE, which gives no environment. */
export function checkHost(
  stubs: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = SETTINGS,
  real: readonly string[] = [],
): CheckHost {
  const host = fakeHost([...REAL, ...real], stubs);
  const folders = {
    CHECKS_PROC_FOLDER: host.path('proc'),
    CHECKS_RUN_FOLDER: host.path('run'),
    CHECKS_STATE_FOLDER: host.path('state'),
    CHECKS_TEXTFILE_FOLDER: host.path('textfile'),
    CHECKS_WATCHDOG_FOLDER: host.path('watchdog'),
    CHECKS_LIBRARY: host.path('library'),
  };
  const lines = Object.entries({ ...settings, ...folders }).map(([name, value]) => `${name}=${value}\n`);
  host.write('checks.env', lines.join(''));
  host.write('proc/uptime', '1000.25 900.00\n');
  const run: CheckHost['run'] = (script, ...args) => {
    const words = args.filter((word) => typeof word === 'string');
    const environment = Object.assign({}, ...args.filter((word) => typeof word !== 'string'));
    const { status, stdout, stderr } = spawnSync(resolve(SCRIPTS, script), words, {
      env: { PATH: host.path('bin'), CHECKS_SETTINGS_FILE: host.path('checks.env'), ...environment },
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { status, stdout, stderr };
  };
  return { host, run };
}

export function program(host: FakeHost, name: string, body: string): void {
  host.write(`library/${name}`, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(host.path(`library/${name}`), 0o755);
}
