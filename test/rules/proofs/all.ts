/** Every proof, by layer. */

import { PROOFS as backup } from './backup.js';
import { PROOFS as controlPlane } from './control-plane.js';
import { PROOFS as jiva } from './jiva.js';
import { PROOFS as kernel } from './kernel.js';
import { PROOFS as longhorn } from './longhorn.js';
import { PROOFS as missingMetrics } from './missing-metrics.js';
import { PROOFS as network } from './network.js';
import { PROOFS as nodeBootstrap } from './node-bootstrap.js';
import type { Proof } from './proof.js';
import { PROOFS as rcuSight } from './rcu-sight.js';
import { PROOFS as rcuWatchdog } from './rcu-watchdog.js';
import { PROOFS as reachability } from './reachability.js';
import { PROOFS as rollingReboot } from './rolling-reboot.js';
import { PROOFS as sandboxCleanup } from './sandbox-cleanup.js';
import { PROOFS as workloads } from './workloads.js';

export const PROOFS: readonly Proof[] = [
  ...kernel,
  ...missingMetrics,
  ...rcuWatchdog,
  ...rcuSight,
  ...nodeBootstrap,
  ...sandboxCleanup,
  ...reachability,
  ...backup,
  ...longhorn,
  ...controlPlane,
  ...network,
  ...workloads,
  ...jiva,
  ...rollingReboot,
];
