/** Every layer, in the order in which they are told about. */
import { alerts } from './alerts/index.js';
import { backup } from './backup/index.js';
import { checks } from './checks/index.js';
import { controlPlane } from './control-plane/index.js';
import { dashboards } from './dashboards/index.js';
import { dns } from './dns/index.js';
import { gitops } from './gitops/index.js';
import { jiva } from './jiva/index.js';
import { kernel } from './kernel/index.js';
import type { Layer } from './layer.js';
import { longhorn } from './longhorn/index.js';
import { monitoring } from './monitoring/index.js';
import { network } from './network/index.js';
import { nodeBootstrap } from './node-bootstrap/index.js';
import { placement } from './placement/index.js';
import { rcuWatchdog } from './rcu-watchdog/index.js';
import { reachability } from './reachability/index.js';
import { rollingReboot } from './rolling-reboot/index.js';
import { sandboxCleanup } from './sandbox-cleanup/index.js';
import { upgrades } from './upgrades/index.js';

export const LAYERS: readonly Layer[] = [
  nodeBootstrap,
  rcuWatchdog,
  sandboxCleanup,
  kernel,
  controlPlane,
  longhorn,
  backup,
  placement,
  dns,
  network,
  jiva,
  gitops,
  monitoring,
  alerts,
  dashboards,
  upgrades,
  rollingReboot,
  reachability,
  checks,
];
