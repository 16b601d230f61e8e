/** A test that is killed midway: starts a bench, says what it is, and never ends by itself. */
import { startBench } from './bench.js';

const { server, folder } = await startBench({ nodes: [], crds: [], argo: process.argv.includes('argo') });
console.log(JSON.stringify({ server, folder }));
setInterval(() => undefined, 1000);
