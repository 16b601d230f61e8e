/** What the same did once, for whoever weighs whether it matters: anchors of docs/incidents.md. */
import type { Incident } from './result.js';

export const SCHEDULER_STALLED: Incident = {
  anchor: 'pvek8s-rc-1-scheduler',
  did: '46 pods stayed Pending for 4 h 20 min without one event, while the scheduler renewed its lease',
};

export const ALL_NODES_AT_ONCE: Incident = {
  anchor: 'pvek8s-june-5',
  did: 'three nodes were down at once, and the cluster was not itself for 7 h',
};

export const ONE_COREDNS: Incident = {
  anchor: 'what-else-that-day-taught',
  did: 'the one CoreDNS pod went with its node, and no name was resolved',
};

export const ARGO_CD_UNKNOWN: Incident = {
  anchor: 'what-else-that-day-taught',
  did: 'every Application was Unknown until its controller was restarted',
};

export const NO_CLUSTER_IP_RULES: Incident = {
  anchor: 'pvek8s-rc-2-calico',
  did: 'replicas of Jiva reached no controller for 4 h, and nothing said why',
};

export const SANDBOX_NAMES_RESERVED: Incident = {
  anchor: 'pvek8s-rc-3-sandboxes',
  did: 'no pod that had run on the host before could start there again',
};

export const NO_JIVA_QUORUM: Incident = {
  anchor: 'pvek8s-rc-2-calico',
  did: 'Jiva had no quorum for about four hours, and a file system came back read-only',
};

export const JIVA_CONTROLLERS_HUNG: Incident = {
  anchor: 'what-else-that-day-taught',
  did: 'six controllers hung in Terminating, and Jiva did nothing before they were deleted by force',
};

export const JIVA_REPLICAS_HUNG: Incident = {
  anchor: 'what-else-that-day-taught',
  did: 'three replicas in Terminating kept their successors away until they were deleted by force',
};

export const ORPHANS_STAYED: Incident = {
  anchor: 'what-else-that-day-taught',
  did: 'three provisioner pods of one node belonged to nobody and stayed',
};

export const KUBELET_STALLED: Incident = {
  anchor: 'pvek8s-dqlite',
  did: 'one kubelet did not see new pods until its second restart',
};

export const STATUS_LOST: Incident = {
  anchor: 'pvek8s-dqlite',
  did: 'one kubelet could not write the status of any pod',
};

export const DATASTORE_CANCELED: Incident = {
  anchor: 'pvek8s-dqlite',
  did: 'the kubelet could write no status, and pods stayed Pending after everything else was mended',
};
