/**
 * Every image and chart that a manifest may name, pinned.
 *
 * Nothing is pulled by a floating tag and nothing is installed inside a running container.
 */
export const IMAGES = {
  /** busybox's shell and nsenter, for the pods that work on a host with the host's own programs. */
  alpine: 'docker.io/library/alpine:3.21',
  /** Node.js, for the roll that the cluster runs itself: its program needs nothing else. */
  node: 'docker.io/library/node:22.20.0-alpine3.22',
} as const;

export const CHARTS = {
  kubePrometheusStack: {
    repoUrl: 'https://prometheus-community.github.io/helm-charts',
    chart: 'kube-prometheus-stack',
    version: '88.5.3',
  },
} as const;

/** canonical/microk8s-core-addons at this commit installs the CoreDNS that the MicroK8s form of the DNS layer repeats whole. */
export const MICROK8S_COREDNS = {
  commit: 'f689811',
  image: 'coredns/coredns:1.14.3',
} as const;
