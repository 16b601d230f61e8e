/** Whether the folder that a verb reads is what the descriptions give; said beside the result, never instead of it. */
import { OperatorError } from '../errors.js';
import type { Files } from '../manifest/layout.js';
import { HEADER } from '../manifest/yaml.js';
import { compareFolder } from '../synth/dist-folder.js';
import { loadClusters } from '../synth/load-clusters.js';
import { synthesize } from '../synth/synthesize.js';
import type { Io } from './command.js';

/** Lines for the person; none where all is well, or where the folder is none of ours. */
export async function staleness(folder: string, files: Files, clusters: string, io: Io): Promise<readonly string[]> {
  const isOurs = [...files.values()].some((text) => text.startsWith(HEADER));
  if (!isOurs || !io.exists(clusters)) return [];
  try {
    const differing = compareFolder(folder, synthesize(await loadClusters(clusters)).files).length;
    return differing === 0
      ? []
      : [`${folder} is not what ${clusters} gives: ${differing} differ. selfheal synth writes what would be reviewed`];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return [
      `${clusters} cannot be read, so this is about ${folder} as it stands: ${error.message}`,
      ...error.hints.map((hint) => `  ${hint}`),
    ];
  }
}
