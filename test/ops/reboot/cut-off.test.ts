/** What a run says that ends without another look. */
import { expect, test } from 'vitest';
import { cutOff } from '../../../src/ops/reboot/cut-off.js';
import { endText } from '../../../src/ops/reboot/progress.js';
import { marked, world } from './looks.js';

const SEEN = marked(world().look());
const why = 'the API server does not answer any more';

test('it does not know what stands where it has never looked', () => {
  expect(cutOff('lost', why, { seen: null, sent: null, holds: false })).toMatchObject({
    ...{ kind: 'lost', left: ['not known: the cluster was never seen'] },
  });
});

test('it tells what stood, what may have been done since, and that the lock is held', () => {
  const sent = { do: 'reboot', node: 'attic', roll: 'r-1', bootId: 'attic-boot-1' } as const;

  expect(endText(cutOff('lost', why, { seen: SEEN, sent, holds: true }))).toEqual([
    'lost at lock: the API server does not answer any more',
    'what stands:',
    '  node attic: marked, cordoned by the roll, Ready',
    '  perhaps done already: attic: reboot out of boot attic-boot-1',
    '  Lease kube-system/selfheal-reboot: held by this run; another one may take it once it has not changed for 60 s',
    'next: selfheal reboot --apply goes on; selfheal reboot --undo takes back what stands',
  ]);
});

test('it tells nothing of a renewal that was sent, nor of a lock that was given back', () => {
  const renewal = { do: 'lease', what: 'renew', guard: '7', holder: 'me', roll: null, why: 'keeps the lock' } as const;

  expect(cutOff('stopped', 'it was told to end', { seen: world().look(), sent: renewal, holds: false })).toMatchObject({
    ...{ kind: 'stopped', left: [] },
  });
});
