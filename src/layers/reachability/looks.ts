/** What every look from outside has in common, whoever looks. */

/** SSH and the kubelet: open on every node of both distributions, whatever its role. */
export const NODE_PORTS = [22, 10_250] as const;

/** Between two looks of the prober; its timer has the same. The shortest that Uptime Kuma takes, too. */
export const PERIOD_SECONDS = 20;
