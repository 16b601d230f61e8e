/**
 * Two real nodes as they are described: an agent and a server whose hosts remove the sandboxes on their way down.
 *
 * On each of them a pod reports as that of node-bootstrap would. What a real one says of a real host is seen in
 * test/host/host-report.test.ts.
 */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { HostGroup } from '../../../src/cluster/cluster.js';
import type { Distribution } from '../../../src/cluster/distribution.js';
import { sandboxCleanupHostState } from '../../../src/layers/sandbox-cleanup/host-state.js';
import { PLAIN } from '../../host/container-machine.js';
import { parsed } from '../../support/clusters.js';
import { type Bench, type BenchOptions, startBench } from '../bench/bench.js';
import { RealNode } from '../bench/real-node.js';
import { reportersOf, shellOnHost } from './reporters.js';
import { ATTIC, CRDS, daemonSet, everythingRuns, inStep, WORKLOADS } from './rolled.js';

type Name = 'bulb' | 'lamp';
const NAMES: readonly Name[] = ['bulb', 'lamp'];

export const PAIR = {
  ...ATTIC,
  hosts: [
    { nodes: ['bulb'], sandboxCleanup: {} },
    { nodes: ['lamp'], sandboxCleanup: {} },
  ],
};

/** Of each node, and of the workloads with two replicas. */
const PODS = 2 * NAMES.length + 4;

export interface RealPair {
  readonly bench: Bench;
  readonly node: (name: string) => RealNode;
  /** As when a package asks for it: gone with the boot. */
  readonly waitsForReboot: () => void;
  /** What the agents read when they start. The ones that run see nothing of it. */
  readonly agents: (name: Name, settings: 'there' | 'gone') => void;
  /** As long as it is not ended, what goes down for a reboot is powered on again. */
  readonly keepOn: () => Kept;
  /** Every pod is ready. `beside`: how many a test has brought. */
  readonly runs: (beside?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Kept {
  /** How often each has booted since. */
  readonly boots: () => Readonly<Record<Name, number>>;
  /** When each went down last, by performance.now(). */
  readonly downAt: (name: Name) => number;
  readonly end: () => Promise<void>;
}

export async function startRealPair(options: Pick<BenchOptions, 'nodeGraceSeconds'> = {}): Promise<RealPair> {
  const bench = await startBench({ ...options, nodes: [], crds: CRDS });
  const nodes = new Map<string, RealNode>();
  const node = (name: string): RealNode => {
    const found = nodes.get(name);
    if (found === undefined) throw new Error(`node '${name}': expected it started`);
    return found;
  };
  const agents: RealPair['agents'] = (name, settings) => {
    const { machine } = node(name);
    if (settings === 'there') machine.write(AGENT_SETTINGS, 'shelf=2\n');
    else machine.run('rm', `/${AGENT_SETTINGS}`);
  };
  const close = async (): Promise<void> => {
    for (const each of nodes.values()) await each.close();
    await bench.close();
  };
  try {
    for (const name of NAMES) {
      nodes.set(name, await RealNode.start(bench, name));
      agents(name, 'there');
    }
    for (const group of parsed(PAIR).hosts) for (const { name } of group.nodes) removeSandboxes(node(name), group);
    const deployments = WORKLOADS.filter(({ kind }) => kind === 'Deployment');
    bench.apply([...deployments, AGENT, ...inStep(PAIR), ...reportersOf(PAIR)], { manager: 'operator' });
    await everythingRuns(bench, PODS);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    bench,
    node,
    agents,
    waitsForReboot: () => {
      for (const { machine } of nodes.values()) machine.run('touch', '/run/reboot-required');
    },
    keepOn: () => {
      const kept = NAMES.map((name) => [name, node(name).keepOn()] as const);
      const bootsOf = (name: Name) => kept.find(([each]) => each === name)?.[1].boots ?? [];
      return {
        boots: () => ({ bulb: bootsOf('bulb').length, lamp: bootsOf('lamp').length }),
        downAt: (name) => bootsOf(name).at(-1)?.down ?? Number.NaN,
        end: async () => {
          for (const [, each] of kept) await each.end();
        },
      };
    },
    runs: (beside = 0) => everythingRuns(bench, PODS + beside),
    close,
  };
}

const AGENT_SETTINGS = 'etc/agent.conf';
const AGENT = daemonSet(
  'agent',
  shellOnHost('agent', `cat /host/${AGENT_SETTINGS} || exit 1; trap exit TERM; while :; do sleep 0.2; done`, ['/etc']),
);

/** Debian's folders and names, which are not those of k3s. */
const DEBIAN: Distribution = {
  ...PLAIN,
  kubeletUnit: { 'control-plane': 'kubelet.service', worker: 'kubelet.service' },
};

/** What node-bootstrap would bring. */
function removeSandboxes({ machine }: RealNode, group: HostGroup): void {
  if (group.sandboxCleanup === null) throw new Error(`hosts '${group.name}': expected their sandboxes cleaned up`);
  const { files, units } = sandboxCleanupHostState(DEBIAN, group, group.sandboxCleanup);
  for (const { path, mode, content } of files) {
    machine.write(path, content);
    chmodSync(join(machine.root, path), Number.parseInt(mode, 8));
  }
  const names = units.map((unit) => (typeof unit === 'string' ? unit : unit.name));
  for (const words of [['daemon-reload'], ['enable', '--now', ...names]]) {
    const { status, stderr } = machine.run('systemctl', ...words);
    if (status !== 0) throw new Error(`systemctl ${words.join(' ')}: expected it done, got ${stderr}`);
  }
}
