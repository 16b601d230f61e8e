/** Something that the person at the keyboard can mend. The command line prints it without a stack and exits with 2. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';

  /** What to do about it; a line each. */
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.hints = hints;
  }
}
