/** Images from elsewhere than where they are published. */
import type { ImageText } from './values.js';

/** What the nodes pull, e.g. from a registry of your own. Floating tags are refused. */
export interface ImagesSpec {
  /**
   * A busybox shell with nsenter, for the pods that work on a host with the host's own programs.
   *
   * @default 'docker.io/library/alpine:3.21'
   */
  readonly alpine?: ImageText;

  /**
   * Node.js from 20.19 on, for the roll of reboots that the cluster runs itself.
   *
   * @default 'docker.io/library/node:22.20.0-alpine3.22'
   */
  readonly node?: ImageText;

  /**
   * CoreDNS, on MicroK8s: its Deployment is in Git as a whole, so another version of MicroK8s may want another image.
   *
   * @default 'coredns/coredns:1.14.3'
   */
  readonly coredns?: ImageText;
}
