/** What every pod of this layer has in common. Plain data: the Job of a roll is made where there is no cdk8s. */

export const NODE_BOOTSTRAP_NAMESPACE = 'kube-system';

/** For the whole pod. The generated types end at Kubernetes 1.28, and the field came with 1.30. */
export const UNCONFINED = { appArmorProfile: { type: 'Unconfined' } } as const;
