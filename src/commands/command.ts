/** A verb as the list of verbs shows it. */
export interface Verb {
  readonly name: string;

  /** One line. */
  readonly summary: string;

  /** Only the verb that is asked for is loaded: one that looks at a cluster need not wait for what renders manifests. */
  readonly load: () => Promise<Command>;
}

/** What a verb does. */
export interface Command {
  /** Usage, steps, flags, exit statuses and examples. */
  readonly help: string;

  /** Returns the exit status: 0 clean, 1 findings, 2 a result that something could not be told. Usage and failures are thrown. */
  readonly run: (args: readonly string[], io: Io) => Promise<0 | 1 | 2>;
}

/** The process as a command sees it. */
export interface Io {
  /** A line of the result. */
  readonly out: (line: string) => void;
  /** A line of narration. */
  readonly err: (line: string) => void;
  readonly exists: (path: string) => boolean;
  /** Whether a person reads the result in colours. @default false */
  readonly colours?: boolean;
  /** Milliseconds of a clock that is never set. */
  readonly monotonic: () => number;
  /** One line below the narration that is drawn anew; absent where nobody would see that. */
  readonly status?: (text: string) => void;
  /** The environment's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Signals that would end the process go to `take` instead, until the function that this returns is called. */
  readonly takeSignals: (take: (signal: NodeJS.Signals) => void) => () => void;
}
