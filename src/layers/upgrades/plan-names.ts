/** The Plans, in the order in which they come to their turn. */
export const planNames = { workers: 'os-upgrade-workers', controlPlane: 'os-upgrade-control-plane' } as const;
