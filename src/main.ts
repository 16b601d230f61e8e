/** The cdk8s app, for `cdk8s synth`: the same files as `selfheal synth` gives. */

import { replaceFolder } from './synth/dist-folder.js';
import { loadClusters } from './synth/load-clusters.js';
import { synthesize } from './synth/synthesize.js';

const clusters = await loadClusters('src/clusters');
const { files, findings } = synthesize(clusters);
const errors = findings.filter(({ guardrail }) => guardrail.severity === 'error');
if (errors.length > 0) throw new Error(errors.map(({ where, found }) => `${where}: ${found}`).join('\n'));
replaceFolder('dist', files);
