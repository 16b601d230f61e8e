/** The `job` label of everything that the prober outside the cluster answers; the alerts select by it. */
export const REACHABILITY_JOB = 'selfheal-reachability';
