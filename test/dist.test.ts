import { expect, test } from 'vitest';
import { compareFolder } from '../src/synth/dist-folder.js';
import { loadClusters } from '../src/synth/load-clusters.js';
import { synthesize } from '../src/synth/synthesize.js';

test('dist/ is exactly what the descriptions give', async () => {
  const { files } = synthesize(await loadClusters('src/clusters'));

  expect(files.size).toBeGreaterThan(0);
  expect(compareFolder('dist', files), 'npm run synth writes what differs').toEqual([]);
});
