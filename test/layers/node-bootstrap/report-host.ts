/** A host that is made of files and stubs, for the programs that say how a host is. */
import { mkdirSync } from 'node:fs';
import { NOTHING } from '../../../src/host/host-state.js';
import { payloadOf } from '../../../src/layers/node-bootstrap/payload.js';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { groupWith } from './fake-host.js';

export const BOOT_ID = '0f1e2d3c-4b5a-4697-8877-665544332211';
export const UPTIME = 5000;

export const SETTINGS = {
  REPORT_KUBELET_UNIT: 'k3s.service',
  REPORT_DATASTORE_UNIT: 'k3s.service',
  REPORT_DISKS: '"/ /data /gone"',
  REPORT_CERTIFICATES: '"/tls /none"',
  REPORT_API_ADDRESS: '127.0.0.1',
  REPORT_API_PORT: '6443',
};
export interface Options {
  readonly stubs?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly kernelArguments?: readonly string[];
  readonly real?: readonly string[];
}

/** With its payload, a /proc and settings, and no program but those that are asked for. */
export function hostWith({
  stubs = {},
  files = {},
  settings = SETTINGS,
  kernelArguments = [],
  real = [],
}: Options): FakeHost {
  const host = fakeHost(['timeout', 'cat', 'sort', 'date', ...real], stubs);
  for (const [key, content] of payloadOf(groupWith('grub'), { ...NOTHING, kernelArguments }))
    host.write(`payload/${key}`, content);
  const proc = {
    uptime: `${UPTIME}.25 100.00\n`,
    'self/mounts': '/dev/sda2 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n',
    cmdline: 'BOOT_IMAGE=/vmlinuz quiet\n',
    'sys/kernel/hostname': 'attic\n',
    'sys/kernel/osrelease': '6.8.0-31-generic\n',
    'sys/kernel/random/boot_id': `${BOOT_ID}\n`,
  };
  for (const [name, content] of Object.entries(proc)) host.write(`root/proc/${name}`, content);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  host.write('root/etc/selfheal/host-report.env', lines.join(''));
  mkdirSync(host.path('root/run'));
  for (const [name, content] of Object.entries(files)) host.write(`root${name}`, content);
  return host;
}
