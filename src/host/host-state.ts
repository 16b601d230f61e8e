/**
 * The state that node-bootstrap brings to a host, as data.
 *
 * Layers contribute parts; nobody but node-bootstrap and its host program knows how a part gets onto a host.
 */
export interface HostState {
  readonly files: readonly HostFile[];
  /** systemd units that are enabled and running. A name alone is a unit that reads nothing but its own files. */
  readonly units: readonly (string | HostUnit)[];
  /** Words of the kernel command line. */
  readonly kernelArguments: readonly string[];
  /** Flags in files of one `--flag=value` a line, as MicroK8s keeps its daemons' arguments. */
  readonly flags: readonly HostFlag[];
  /** Parameters of kernel modules that are set in the running kernel; what holds at load time is a file or an argument. */
  readonly parameters: readonly ModuleParameter[];
}

export interface HostUnit {
  readonly name: string;
  /**
   * Paths of programs and settings whose change must start a service anew. Its unit file, its drop-ins and what these
   * name are known without being said; a script that its program sources is not.
   */
  readonly reads: readonly string[];
}

export interface ModuleParameter {
  readonly module: string;
  readonly name: string;
  readonly value: string;
}

export interface HostFile {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mode: '0644' | '0755';
  readonly content: string;
}

export interface HostFlag {
  /** Absolute path of the arguments file, which must exist. */
  readonly file: string;
  /** With its dashes, e.g. `--leader-elect-lease-duration`. */
  readonly flag: string;
  readonly value: string;
  /** The systemd unit that reads the file when it starts. node-bootstrap never starts it again by itself, it says so. */
  readonly readBy: string;
}

export const NOTHING: HostState = { files: [], units: [], kernelArguments: [], flags: [], parameters: [] };

export function mergeHostStates(states: readonly HostState[]): HostState {
  return {
    files: states.flatMap(({ files }) => files),
    units: states.flatMap(({ units }) => units),
    kernelArguments: states.flatMap(({ kernelArguments }) => kernelArguments),
    flags: states.flatMap(({ flags }) => flags),
    parameters: states.flatMap(({ parameters }) => parameters),
  };
}

/** The text of a file of `NAME=value` lines that a unit reads with EnvironmentFile=. A value with blanks brings its quotes. */
export function environmentFile(variables: Readonly<Record<string, string | number>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Where every program of ours keeps what must survive a reboot. */
export const STATE_FOLDER = '/var/lib/selfheal';

/** Where settings of programs on the host stand. */
export const SETTINGS_FOLDER = '/etc/selfheal';

/** Where programs on the host leave metrics for node-exporter's textfile collector. */
export const TEXTFILE_FOLDER = '/var/lib/node-exporter/textfile';
