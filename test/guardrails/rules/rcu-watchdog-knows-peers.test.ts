import { describe, expect, test } from 'vitest';
import { rcuWatchdogKnowsPeers } from '../../../src/guardrails/rules/rcu-watchdog-knows-peers.js';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';
import { configMap, daemonSet, foundIn, pod } from '../examples.js';

const { lamp } = MINIMAL_SPEC.nodes;

/** Lamp and desk, with watchdogs on those that are named. */
const office = (watched: readonly ('lamp' | 'desk')[], desk = '192.0.2.8') =>
  minimal({
    nodes: { lamp, desk: { ...lamp, role: 'agent', address: desk } },
    hosts: watched.map((node) => ({ nodes: [node], rcuWatchdog: {} })),
  });

const bringing = (node: string, peers: string) => [
  daemonSet(pod({ volumes: [{ name: 'p', configMap: { name: node } }] }), {}, `${node}-node-bootstrap`),
  configMap({ peers }, node),
];

const BOTH = 'lamp 192.0.2.7 server watched\ndesk 192.0.2.8 agent watched\n';

describe('rcu-watchdog-knows-peers', () => {
  test('refuses a peer by name: who asks DNS asks what is gone', () => {
    const peers = 'lamp 192.0.2.7 server watched\ndesk desk.lan agent watched\n';
    const objects = [...bringing('lamp', peers), ...bringing('desk', peers)];

    expect(foundIn(rcuWatchdogKnowsPeers, objects, office(['lamp', 'desk'], 'desk.lan'))).toEqual([
      'nodes.desk.address: expected an IP address, because two watchdogs or more ask each other, got "desk.lan"',
    ]);
  });

  test('refuses a watched host that is not told of a node, or of another address', () => {
    const objects = [
      ...bringing('lamp', 'lamp 192.0.2.7 server watched\n'),
      ...bringing('desk', BOTH.replace('192.0.2.7', '192.0.2.70')),
    ];

    expect(foundIn(rcuWatchdogKnowsPeers, objects, office(['lamp', 'desk']))).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog: expected desk (192.0.2.8) among the peers on the hosts, got no such line",
      "hosts 'desk-node-bootstrap', rcuWatchdog: expected lamp (192.0.2.7) among the peers on the hosts, got no such line",
    ]);
  });

  test('refuses peers in a ConfigMap that reaches no host', () => {
    expect(foundIn(rcuWatchdogKnowsPeers, [configMap({ peers: BOTH }, 'x')], office(['lamp', 'desk']))).toHaveLength(4);
  });

  test('accepts two that know each other, and asks nothing of one that is alone', () => {
    const objects = [...bringing('lamp', BOTH), ...bringing('desk', BOTH)];

    expect(foundIn(rcuWatchdogKnowsPeers, objects, office(['lamp', 'desk']))).toEqual([]);
    expect(foundIn(rcuWatchdogKnowsPeers, [], office(['lamp'], 'desk.lan'))).toEqual([]);
    expect(foundIn(rcuWatchdogKnowsPeers, [], office([]))).toEqual([]);
  });
});
