/** The library's public names. */
export type { Cluster } from './cluster/cluster.js';
export { parseCluster } from './cluster/parse/cluster.js';
export type { Issue, Parsed } from './cluster/parse/issue.js';
export { type ClusterSpec, defineCluster } from './cluster/spec.js';
export { PinnedDeployment, type PinnedDeploymentProps, requireNodes } from './layers/placement/pinned-deployment.js';
export { renderCluster } from './synth/render.js';
export { type Synthesis, synthesize } from './synth/synthesize.js';
