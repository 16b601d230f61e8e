/**
 * The one thing of a kubelet that simulated nodes lack: who asks the API server for a container's log is led to the
 * kubelet of the pod's node, and that is here a server which hands out what a test says the container wrote.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Bench } from '../bench/bench.js';

export interface KubeletLogs {
  /** What the container of this name wrote on that node: lines behind their times. */
  readonly write: (node: string, container: string, lines: readonly string[]) => void;
  readonly close: () => Promise<void>;
}

interface Kubelet {
  readonly node: string;
  readonly bootId: string;
  /** One of this machine's loopback addresses. @default the bench's, as the API server has it */
  readonly address?: string;
}

/** Each node tells the API server where its kubelet is, and which boot it has. */
export async function serveKubeletLogs(bench: Bench, kubelets: readonly Kubelet[]): Promise<KubeletLogs> {
  const written = new Map<string, readonly string[]>();
  const { certificateFile, keyFile } = bench.certificates;
  const servers = await Promise.all(
    kubelets.map(async ({ node, bootId, address = new URL(bench.server).hostname }) => {
      const server = createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) });
      server.on('request', ({ url = '' }, response) => {
        const { pathname, searchParams } = new URL(url, 'https://kubelet');
        const [, container = ''] = /^\/containerLogs\/[^/]+\/[^/]+\/([^/]+)$/.exec(pathname) ?? [];
        const lines = written.get(`${node}/${container}`);
        if (lines === undefined) response.writeHead(404).end(`${pathname}: no such container\n`);
        else
          response.end(
            wanted(lines, searchParams)
              .map((line) => `${line}\n`)
              .join(''),
          );
      });
      await new Promise<void>((resolve) => server.listen(0, address, resolve));
      // Who listens on a port has an address with one.
      const { port } = server.address() as AddressInfo;
      const status = {
        addresses: [{ type: 'InternalIP', address }],
        daemonEndpoints: { kubeletEndpoint: { Port: port } },
        nodeInfo: { bootID: bootId },
      };
      const { status: code, text } = await bench.send('PATCH', `/api/v1/nodes/${node}/status`, {
        body: JSON.stringify({ status }),
        type: 'application/merge-patch+json',
      });
      if (code !== 200) throw new Error(`status of node '${node}': ${code} ${text}`);
      return server;
    }),
  );
  return {
    write: (node, container, lines) => written.set(`${node}/${container}`, lines),
    close: async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** A kubelet leaves the times away where nobody asks for them. */
function wanted(lines: readonly string[], asked: URLSearchParams): readonly string[] {
  const tail = asked.get('tailLines');
  const last = tail === null ? lines : lines.slice(-Number(tail));
  return asked.get('timestamps') === 'true' ? last : last.map((line) => line.replace(/^\S+ /, ''));
}
