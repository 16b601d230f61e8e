import { expect, test } from 'vitest';
import { inhibitionsPage } from '../../support/inhibitions-page.js';

test('docs/inhibitions.md is what the table says', async () => {
  await expect(inhibitionsPage()).toMatchFileSnapshot('../../../docs/inhibitions.md');
});
