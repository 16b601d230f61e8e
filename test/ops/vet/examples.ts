/** Every example of every rule, by rule. */
import type { Examples } from './example.js';
import { OF_APPLICATIONS } from './examples/applications.js';
import { CARRIED_OUT } from './examples/carried-out.js';
import { OF_THE_CLUSTER } from './examples/of-the-cluster.js';
import { REMOVED } from './examples/removed.js';

export const EXAMPLES: Examples = { ...REMOVED, ...OF_APPLICATIONS, ...CARRIED_OUT, ...OF_THE_CLUSTER };
