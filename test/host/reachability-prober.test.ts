/**
 * The printed prober on a machine of its own, its timer run by systemd, against a node whose network goes dark. Minutes
 * pass, because that is what is measured: from the last frame of the node to the arrival of the message.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proberScript } from '../../src/layers/reachability/prober-script.js';
import { MINIMAL_SPEC, parsed } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { Lan } from './lan.js';
import { Machine, until } from './machine.js';

const TOLERATE = process.env.NIGHTLY ? '2min' : '1min';

const { reachability } = parsed({
  ...MINIMAL_SPEC,
  nodes: { jarvis: { ...MINIMAL_SPEC.nodes.lamp, address: '10.77.0.2' } },
  reachability: { tolerate: TOLERATE, notify: { kind: 'webhook' } },
});

/** Prints what it is sent, a line a request. */
const WEBHOOK = `require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece)).on('end', () => (console.log(body), response.end()));
}).listen(8080)`;

const DOORS = `for (const port of [22, 10250]) require('node:net').createServer((one) => one.end()).listen(port)`;

describeWith(['systemd-nspawn', 'busybox', 'ip', 'tc'], 'the prober on another host', () => {
  const lan = new Lan();
  const machine = new Machine({ network: lan.add('porch', 9) });
  const told: { readonly state: string; readonly text: string; readonly at: number }[] = [];

  const install = () => {
    if (reachability === null) throw new Error('cluster: expected reachability, got null');
    machine.write('/root/install.sh', proberScript('attic', reachability));
    return machine.run('sh', '/root/install.sh');
  };

  /** Waits for a message of this state, and says after how many seconds it came. */
  async function toldOf(state: string, since: number, seconds: number): Promise<number> {
    const isIt = (message: (typeof told)[number]) => message.state === state && message.at >= since;
    await until(`to tell "${state}"`, () => told.some(isIt), seconds).catch((error) => {
      throw new Error(machine.run('journalctl', '-u', 'reachability-prober', '-n', '30').stdout, { cause: error });
    });
    return ((told.find(isIt)?.at ?? 0) - since) / 1000;
  }

  beforeAll(async () => {
    lan.add('router', 1);
    lan.add('jarvis', 2);
    lan.add('chat', 8);
    lan.start('jarvis', process.execPath, '-e', DOORS);
    const { stdout } = lan.start('chat', process.execPath, '-e', WEBHOOK);
    if (stdout)
      createInterface({ input: stdout }).on('line', (line) =>
        told.push({ ...JSON.parse(line), at: performance.now() }),
      );
    // The one program that the template lacks.
    machine.copy('/usr/bin/busybox', '/usr/local/bin/ping');
    await machine.boot();
  });

  afterAll(async () => {
    await machine.destroy();
    lan.destroy();
  });

  test('is installed by one script, which says what is missing', () => {
    const { status, stdout, stderr } = install();

    expect(stdout).toMatch(/prober: \d+ files written, 0 are there\nprober: it looks at the nodes of attic/);
    expect(stderr).toContain('webhook: put its URL into /etc/selfheal/reachability-prober.url');
    expect(status).toBe(3);
  });

  test('is left as it is by the same script, once nothing is missing', () => {
    machine.write('/etc/selfheal/reachability-prober.url', 'http://10.77.0.8:8080/hook\n');
    machine.run('chmod', '600', '/etc/selfheal/reachability-prober.url');

    const { status, stdout, stderr } = install();

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/prober: 0 files written, \d+ are there/);
  });

  test.each([
    ['a folder', 'mkdir', 'something else'],
    ['a link', 'ln -s /etc/passwd', 'a symbolic link'],
  ])('does not write over %s that stands in its place', (_, make, got) => {
    const file = '/usr/local/lib/selfheal/reachability-prober/judge.sh';
    machine.run('sh', '-c', `rm ${file} && ${make} ${file}`);

    const refused = install();
    machine.run('sh', '-c', `rm -d ${file}`);

    expect(refused).toMatchObject({ status: 4, stderr: expect.stringContaining(`expected a file, got ${got}`) });
    expect(install().status).toBe(0);
  });

  test('says to whom its state is not readable that it is for root', () => {
    const nobody = machine.run(
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'reachability-prober.sh',
      '--status',
    );

    expect(nobody).toMatchObject({ status: 2, stdout: 'what was seen is for root to read: run it with sudo\n' });
  });

  test('takes a disk with room for a few bytes for a full one', () => {
    const folder = '/var/lib/selfheal/reachability';
    const { status, stderr } = machine.run('mount', '-t', 'tmpfs', '-o', 'size=16k', 'none', folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });

    machine.run('systemctl', 'start', 'reachability-prober.service');
    machine.run('umount', folder);

    expect(machine.run('journalctl', '-t', 'reachability-prober').stdout).toContain(
      `state folder '${folder}': expected one that can be written; '/run/selfheal-reachability' takes its place`,
    );
  });

  test('sees a node that is well, by both signs, and tells nothing', async () => {
    const status = () => machine.run('reachability-prober.sh', '--status');
    await until('to see jarvis', () => status().stdout.includes('reachable'));

    expect(status()).toMatchObject({ status: 0, stdout: expect.stringMatching(/jarvis +10\.77\.0\.2 +reachable/) });
    expect(machine.read('/var/lib/selfheal/reachability/nodes/jarvis')).toMatch(/ pt -\n$/);
    expect(told).toEqual([]);
  });

  // By day only the one that there was: each takes minutes of waiting.
  const pulled = ['pulled out of the network', () => lan.pullCable('jarvis'), () => lan.plugCable('jarvis')] as const;
  test.each([
    ...(process.env.NIGHTLY ? [pulled] : []),
    ['in a black hole', () => lan.blackHole('jarvis'), () => lan.passAll('jarvis')] as const,
  ])(
    'a node that is %s is told about in time, once, and again when it is back',
    async (_, goDark, comeBack) => {
      const tolerated = reachability?.tolerate.seconds ?? 0;
      const before = told.length;
      const dark = performance.now();
      goDark();

      const after = await toldOf('down', dark, tolerated + 30);
      const back = performance.now();
      comeBack();
      const again = await toldOf('up', back, 2 * tolerated + 60);

      console.log(`told after ${after.toFixed(1)} s of ${tolerated}, back told after ${again.toFixed(1)} s`);
      expect(after).toBeLessThanOrEqual(tolerated);
      expect(again).toBeGreaterThanOrEqual(tolerated);
      expect(told.slice(before).map(({ state }) => state)).toEqual(['down', 'up']);
    },
    600_000,
  );

  test.runIf(process.env.NIGHTLY)(
    'tells nothing while its own cable is out, and afterwards that it was blind',
    async () => {
      const before = told.length;
      lan.pullCable('porch');
      await until(
        'to see that it is cut off',
        () => machine.run('reachability-prober.sh', '--status').stdout.includes('has been cut off for 2 min'),
        240,
      );
      const plugged = performance.now();
      lan.plugCable('porch');

      await toldOf('blind', plugged, 60);

      expect(told.slice(before).map(({ state }) => state)).toEqual(['blind']);
    },
    400_000,
  );

  test('is taken away by the commands of its page', () => {
    const page = readFileSync('docs/layers/reachability.md', 'utf8');
    const [, commands = ''] = /On the other host:\n\n((?: {4}.+\n)+)/.exec(page) ?? [];
    const { status } = machine.run('sh', '-euc', commands.replaceAll('sudo ', ''));

    expect(status).toBe(0);
    expect(
      machine.run('find', '/usr/local', '/etc', '/var/lib/selfheal', '-name', '*reachability*').stdout.trim(),
    ).toBe('');
  });
});
