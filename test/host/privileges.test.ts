/** That each capability of the bootstrap pod is needed, by doing without it on a real systemd host. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostState } from '../../src/host/host-state.js';
import { CONVERGE, LOOK } from '../../src/layers/node-bootstrap/capabilities.js';
import { describeWith } from '../support/tools.js';
import { BootstrapPod } from './bootstrap-pod.js';
import type { Machine } from './machine.js';
import { bootedPi } from './pi.js';

const THEIRS = '/etc/theirs.conf';
const CONF = '/etc/selfheal/lamp.conf';
const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;

const STATE: Partial<HostState> = {
  files: [
    file(THEIRS, 'ours\n'),
    file(CONF, 'bright\n'),
    file('/etc/sysctl.d/99-lamp.conf', 'net.ipv4.conf.default.log_martians = 1\n'),
    file(
      '/etc/systemd/system/lamp.service',
      '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
    ),
  ],
  units: ['lamp.service'],
  kernelArguments: ['quiet'],
};

/** What a container gets whose `drop` is ALL and whose `add` are these. */
const holding = (capabilities: readonly string[]): readonly string[] => [
  '/usr/bin/setpriv',
  '--no-new-privs',
  '--inh-caps=-all',
  `--bounding-set=${['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',')}`,
  '--',
];

const without = (capabilities: object, left: string): readonly string[] =>
  Object.keys(capabilities).filter((name) => name !== left);

describeWith(['systemd-nspawn', 'busybox', 'setpriv'], 'the privileges of a bootstrap pod', () => {
  let machine: Machine;
  let pod: BootstrapPod;

  beforeAll(async () => {
    machine = await bootedPi();
  });

  beforeEach(() => {
    // A file of somebody else's that only its owner may read, and that is to come back as it was.
    machine.run('sh', '-c', `printf 'theirs\\n' >${THEIRS} && chown 1000:1000 ${THEIRS} && chmod 0600 ${THEIRS}`);
  });

  afterEach(async () => {
    await pod.destroy();
    const all = new BootstrapPod(machine, { group: { state: 'absent' } });
    all.converge({});
    await all.destroy();
    machine.run('rm', '-rf', '/var/lib/selfheal', '/etc/selfheal');
  });

  afterAll(() => machine?.destroy());

  /** Brings the state and takes it back again, as a container with these capabilities. */
  function thereAndBack(capabilities: readonly string[]) {
    pod = new BootstrapPod(machine, { group: { onDrift: 'restore' }, under: holding(capabilities) });
    const there = pod.converge(STATE).status;
    const back = pod.converge({}).status;
    const theirs = machine.run('stat', '-c', '%u:%g %a %s', THEIRS).stdout.trim();
    return { there, back, theirs };
  }

  describe('that converges', () => {
    test.each(Object.keys(CONVERGE))('do not suffice without %s', (left) => {
      expect(thereAndBack(without(CONVERGE, left))).not.toEqual({ there: 0, back: 0, theirs: '1000:1000 600 7' });
    });

    test('suffice', () => {
      expect(thereAndBack(Object.keys(CONVERGE))).toEqual({ there: 0, back: 0, theirs: '1000:1000 600 7' });
    });
  });

  describe('that looks', () => {
    /** A folder that only another user may enter, with a file of ours in it that has been edited. */
    async function look(capabilities: readonly string[]): Promise<string> {
      const first = new BootstrapPod(machine, { group: { onDrift: 'restore' } });
      first.converge(STATE);
      await first.destroy();
      machine.write(CONF, 'dim\n');
      machine.run('sh', '-c', 'chown 1000 /etc/selfheal && chmod 0700 /etc/selfheal');
      pod = new BootstrapPod(machine, { group: { onDrift: 'restore' }, under: holding(capabilities) });
      pod.mount(STATE);
      pod.watch({ WATCH_ON_DRIFT: 'report' });
      await pod.until('to say how it is', () => /^(drifted|cannot-tell|refused)/m.test(pod.output));
      return pod.output;
    }

    test.each(Object.keys(LOOK))('do not suffice without %s', async (left) => {
      expect(await look(without(LOOK, left))).not.toContain(`drifted ${CONF}: it was edited`);
    });

    test('suffice', async () => {
      const output = await look(Object.keys(LOOK));

      expect(output).toContain(`drifted ${CONF}: it was edited`);
      expect(output).not.toContain('cannot-tell');
      await pod.until('to write metrics', () => pod.items('drifted') === 1);
    });
  });
});
