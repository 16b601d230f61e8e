/** The checks that there are, in the order in which they are listed: what others stand on comes first. */
import type { HealthCheck } from '../facts.js';
import { patchOwnershipCheck } from './patch-ownership.js';

/** One line each. */
export const CHECKS: readonly HealthCheck[] = [patchOwnershipCheck];
