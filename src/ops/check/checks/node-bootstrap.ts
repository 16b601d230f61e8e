/** node-bootstrap has brought every host what is described, and finds it there. */
import { hostFindings } from '../../drift/host-findings.js';
import type { HealthCheck } from '../facts.js';
import { isReady, someOf } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('node-bootstrap');

export const nodeBootstrapCheck: HealthCheck = {
  id: 'node-bootstrap',
  summary: 'node-bootstrap is in step on every described host',
  asks: ['nodes', 'pods', 'described'],
  applies: ({ hosts }) => hosts.length > 0,
  answer: ({ cluster, node, described, of }) => {
    const nodes = of('nodes');
    // One that is to go down and is not Ready cannot be asked, and a reboot may be what it needs.
    const isAsked = (name: string): boolean =>
      name !== node || !nodes.ok || nodes.value.some((each) => each.metadata.name === name && isReady(each));
    const hosts = cluster.hosts.map((group) => ({ ...group, nodes: group.nodes.filter(({ name }) => isAsked(name)) }));
    const { findings, unknown: untold } = hostFindings({
      cluster: { ...cluster, hosts },
      objects: described.map(({ manifest }) => ({ described: manifest })),
      nodes,
      bootstrapPods: of('pods'),
    });
    const results: readonly CheckResult[] = [
      ...findings.map(({ subject, what, next }) =>
        fail(subject, { expected: 'as described', found: what, next: next.join('; ') }),
      ),
      ...untold.map(({ subject, why }) =>
        unknown(subject, why, 'kubectl get pods -A -l app.kubernetes.io/name=node-bootstrap -o wide'),
      ),
    ];
    if (results.length > 0) return results;
    const names = hosts.flatMap((group) => group.nodes.map(({ name }) => name));
    const all = `hosts of ${cluster.name}`;
    return [
      names.length === 0
        ? unknown(all, 'its one host cannot be asked')
        : pass(all, `as described: ${someOf(names, 5)}`),
    ];
  },
};
