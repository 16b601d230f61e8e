/** A test beside another, to be killed midway: starts a bench, says what it is, and waits. Ends with who started it. */
import { startBench } from './bench.js';

// Only its end counts: by then nobody is there to kill this process.
process.stdin.resume().once('end', () => process.exit());
const { server, folder } = await startBench({ nodes: [], crds: [], argo: process.argv.includes('argo') });
console.log(JSON.stringify({ server, folder }));
