/** A text as one word of a shell's command line: as it stands where no shell reads anything into it. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_/.,:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
