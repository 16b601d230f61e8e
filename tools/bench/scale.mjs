/**
 * What looking at a large cluster costs, beside `kubectl get pods`: 100 nodes and 5,000 pods by default.
 *
 * The nodes are simulated, the API server is real, and both share this machine's cores with what is measured.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { median, table } from './figures.mjs';

export async function benchScale({ rounds, nodes, pods }) {
  const words = [nodes, pods, Math.max(3, Math.ceil(rounds / 5))].map(String);
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/bench/scale-cluster.ts', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const measured = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { what, ...fields } = JSON.parse(line);
    if (fields.ms !== undefined) measured.push({ what, ...fields });
    else console.log(`${what}: ${JSON.stringify(fields)}`);
  }
  const status = await ended;
  if (status !== 0) throw new Error(`bench scale: expected a cluster that is measured, got exit status ${status}`);
  const names = [...new Set(measured.map(({ what }) => what))];
  const [first] = names;
  const of = (what, field) => measured.filter((each) => each.what === what).map((each) => each[field]);
  const rows = names.map((what) => [
    what,
    median(of(what, 'ms')).toFixed(0),
    Math.min(...of(what, 'ms')).toFixed(0),
    (median(of(what, 'ms')) / median(of(first, 'ms'))).toFixed(2),
    median(of(what, 'cpuMs')).toFixed(0),
    (median(of(what, 'cpuMs')) / median(of(first, 'cpuMs'))).toFixed(2),
    what === first ? '' : Math.max(...of(what, 'peakMiB')).toFixed(0),
    String(of(what, 'ms').length),
  ]);
  table([
    [`${nodes} nodes, ${pods} pods`, 'median ms', 'least ms', `x ${first}`, 'CPU ms', `x ${first}`, 'peak MiB', 'runs'],
    ...rows,
  ]);
}
