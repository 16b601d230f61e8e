/** The machines of a cluster. */
interface NodeSpec {
  /** The address by which the other machines of the LAN reach the node. */
  readonly address: string;

  /** The host's IANA time zone, e.g. `'America/Edmonton'`. Times of day that concern the node are meant in it. */
  readonly timeZone: string;

  /** The processor architecture, as Kubernetes names it. Decides the host's dynamic linker. */
  readonly architecture: 'arm64' | 'amd64';

  /** The machine. Decides which hardware watchdog it has: a Raspberry Pi's accepts at most 15 seconds. */
  readonly board: 'raspberry-pi' | 'generic';

  /**
   * Who reads the kernel command line, and from which file: `piboot` is Ubuntu's A/B boot since 25.10
   * (`/boot/firmware/current/cmdline.txt`), `raspberry-pi-firmware` the classic way
   * (`/boot/firmware/cmdline.txt`), `grub` a drop-in below `/etc/default/grub.d`.
   */
  readonly bootLoader: 'piboot' | 'raspberry-pi-firmware' | 'grub';
}

export interface K3sNodeSpec extends NodeSpec {
  /** A `server` runs the control plane and workloads, an `agent` only workloads. */
  readonly role: 'server' | 'agent';
}

export interface Microk8sNodeSpec extends NodeSpec {
  /** A `control-plane` runs workloads too; a `worker` was joined with `--worker`. */
  readonly role: 'control-plane' | 'worker';
}
