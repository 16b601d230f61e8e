/** How the objects of this layer are called, and what they share with the roll that runs from elsewhere. */

export const FOLDER = 'rolling-reboot';

/** Where the Lease and the Jobs of a roll are, whoever runs it. Its Jobs enter hosts, as the pods of node-bootstrap do. */
export const NAMESPACE = 'kube-system';

/** Of the account, the CronJob and what it mounts. Not `selfheal-reboot-…`: so are the Jobs called that reboot a node. */
export const NAME = 'rolling-reboot';

export const PROGRAM = `${NAME}-program`;
export const DESCRIPTION = `${NAME}-description`;

/** The lock of every roll. */
export const LEASE = 'selfheal-reboot';

export const LABELS = { 'app.kubernetes.io/name': NAME } as const;

export const RBAC = 'rbac.authorization.k8s.io';
