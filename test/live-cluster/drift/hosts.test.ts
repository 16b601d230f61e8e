/** What `selfheal drift` says of a host that is real: our own node-bootstrap pod on a kubelet looks at it. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import { describeWithNode } from '../bench/describe-with-node.js';
import { RealNode } from '../bench/real-node.js';
import { pathOf } from '../bench/tools.js';
import { DescribedCluster, HOMELAB } from './described-cluster.js';

const healing = { rcuWatchdog: {}, driftCheck: '1min' } as const;
const SPEC = {
  ...HOMELAB.spec,
  hosts: [
    { nodes: ['jarvis'], ...healing },
    { nodes: ['ultron'], ...healing },
  ],
};

/** A file that the description puts on each of the hosts. */
const FILE = '/etc/selfheal/rcu-watchdog.env';

/** A look each minute, a question of the kubelet every two, and a busy machine. */
const LOOKED_AND_ASKED = { timeout: 400_000 };

describeWithNode('drift of a real host', () => {
  let homelab: DescribedCluster;
  let jarvis: RealNode | undefined;
  let described: string;

  beforeAll(async () => {
    homelab = await DescribedCluster.start({ ...HOMELAB, spec: SPEC });
    const labels = homelab.bench.get('node', 'jarvis')?.metadata.labels ?? {};
    jarvis = await RealNode.start(homelab.bench, 'jarvis', labels);
  }, 400_000);
  afterAll(async () => {
    await jarvis?.close();
    await homelab?.bench.close();
  });

  const ofHosts = async () => {
    const { findings, unknown } = await homelab.report();
    return { findings: findings.filter(({ subject }) => subject.startsWith('host ')), unknown };
  };
  const inStep = () =>
    homelab.bench.until(
      'the host is in step',
      async () => {
        const said = await ofHosts();
        if (said.findings.length + said.unknown.length > 0) throw new Error(`${JSON.stringify(said)}\n${podOf()}`);
        return said;
      },
      300,
    );
  const podOf = (): string => {
    const how = ['-l', 'app.kubernetes.io/name=node-bootstrap', '--field-selector=spec.nodeName=jarvis', '-o', 'json'];
    const { items } = JSON.parse(homelab.bench.kubectl(['-n', 'kube-system', 'get', 'pods', ...how])) as {
      readonly items: readonly LiveObject[];
    };
    return JSON.stringify(items.map(({ metadata, status }) => ({ name: metadata.name, status })));
  };

  test('is none once the pod has brought everything, and the host has it', LOOKED_AND_ASKED, async () => {
    await inStep();

    expect(jarvis?.machine.read(FILE)).toContain('WATCHDOG_');
    expect(jarvis?.machine.run('systemctl', 'is-enabled', 'rcu-stall-watchdog.service').stdout).toBe('enabled\n');
  });

  test('names the node whose file somebody changed, and its command names the file', LOOKED_AND_ASKED, async () => {
    described = jarvis?.machine.read(FILE) ?? '';
    jarvis?.machine.write(FILE, `${described}WATCHDOG_BY_HAND=1\n`);

    const finding = await homelab.bench.until(
      'drift says so',
      async () => {
        const { findings } = await ofHosts();
        return findings[0];
      },
      300,
    );

    expect(finding).toMatchObject({ id: 'host-drifted', subject: 'host jarvis' });
    expect(printed(finding.next[0] ?? '')).toContain(FILE);
  });

  test('is none again once somebody has put it back', LOOKED_AND_ASKED, async () => {
    jarvis?.machine.write(FILE, described);

    await inStep();
  });

  /** What the command of a finding prints, as an operator types it. */
  function printed(command: string): string {
    const { bench } = homelab;
    const env = {
      PATH: process.env.PATH,
      HOME: bench.folder,
      KUBECONFIG: bench.kubeconfig,
      SELFHEAL_BENCH: bench.folder,
    };
    const typed = command.replace(/^kubectl /, `${pathOf('kubectl')} --context bench `);
    const { stdout, stderr, status } = spawnSync('bash', ['-c', typed], { encoding: 'utf8', env, timeout: 60_000 });
    if (status !== 0) throw new Error(`${command}: ended with ${status}: ${stderr}`);
    return stdout;
  }
});
