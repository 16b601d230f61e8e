/** Somebody who is told of a roll, and what a person sees of one without what differs from run to run. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Manifest } from '../../../src/manifest/manifest.js';

export interface Told {
  /** `node-goes bulb` and so on, in the order in which they arrived. */
  readonly events: string[];
  /** The Secret with its URL. */
  readonly secret: Manifest;
  readonly close: () => Promise<void>;
}

export const NOTIFY = { kind: 'webhook', urlSecret: { name: 'reboot-notify', key: 'url' } } as const;

export async function startTold(): Promise<Told> {
  const events: string[] = [];
  const server = createServer((request, answer) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { event, node } = JSON.parse(body);
      events.push(node === null ? event : `${event} ${node}`);
      answer.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { name, key } = NOTIFY.urlSecret;
  return {
    events,
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'kube-system' },
      stringData: { [key]: `http://127.0.0.1:${port}/` },
    },
    close: async () => {
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** What is waited for depends on how fast the machine is: only that it goes on is the same each time. */
export const masked = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): string =>
  [...lines(stderr), '---', ...lines(stdout), `--- ended with ${status}`, ''].join('\n');

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !/^(?!next: ).*: wait |^wait /.test(line) && !line.includes(': drain: evict '))
    // Where pods are when it begins is the scheduler's.
    .filter((line) => !/^ +(moves +)?(Deployment|DaemonSet) \S+( \(\d pods\))?$/.test(line))
    .filter(
      (line) => !/^below the desired|^no workload was seen below|^ +[\d.]+ s {2}(Deployment|DaemonSet) /.test(line),
    )
    .map((line) =>
      line
        .replace(/^ *[\d.]+ s {2}/, '    T.T s  ')
        .replace(/^it took .*$/, 'it took T.T s')
        .replace(/https:\/\/[\d.]+:\d+/g, 'https://SERVER')
        // Whether the connection was refused or not answered is a matter of the instant.
        .replace(/(the API server does not answer(?: any more)?): .*/, '$1: WHY')
        .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
        .replace(/roll [0-9a-f]{8}\b/g, 'roll ID')
        .replace(/\b(web|coredns)-[0-9a-f]+-[a-z0-9]{5}\b/g, '$1-POD')
        .replace(/\bagent-[a-z0-9]{5}\b/g, 'agent-POD')
        .replace(/[^ ]+@[^ /]+\/UUID/g, 'WHO@WHERE/UUID')
        .replace(/(?<= (?:for|of) )[^ /]+@[^ /]+(?= |$)/g, 'WHO@WHERE'),
    );
