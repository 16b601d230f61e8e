import { expect, test } from 'vitest';
import { saying } from '../../../src/ops/check/saying.js';
import { shortTroubles } from '../../../src/ops/check/short-troubles.js';

const UNTOLD = 'the report of host bulb: it is 25 minutes old';
const CHECKS = ['host-clock', 'host-disk', 'datastore', 'certificates', 'reboot-pending'];
const drifted = (node: string, found = 'it has drifted') =>
  saying('node-bootstrap').fail(`host ${node}`, { expected: 'as described', found, next: '' });

test('what several checks cannot tell for one reason is one line, which names the host once', () => {
  expect(shortTroubles(CHECKS.map((check) => saying(check).unknown('host bulb', UNTOLD)))).toEqual([
    `host-clock, host-disk, datastore and 2 more: ${UNTOLD}`,
  ]);
});

test('whom it is about is said where the reason does not say it', () => {
  const [one] = CHECKS;

  expect(shortTroubles([saying(`${one}`).unknown('host bulb', 'its kernel does not say')])).toEqual([
    'host-clock: host bulb: its kernel does not say',
  ]);
});

test('what a check finds of several hosts in the same words is one line', () => {
  expect(shortTroubles(['lamp', 'bulb', 'shade'].map((node) => drifted(node)))).toEqual([
    'node-bootstrap: host lamp, host bulb and host shade: expected as described, got it has drifted',
  ]);
});

test('other words, another host’s reason, and what another check found, are lines of their own', () => {
  const full = saying('host-disk').fail('host lamp', { expected: 'as described', found: 'it has drifted', next: '' });
  const untold = ['bulb', 'lamp'].map((node) => saying('host-clock').unknown(`host ${node}`, `host ${node}: no pod`));

  expect(shortTroubles([drifted('lamp'), drifted('bulb', 'it refused'), full, ...untold])).toHaveLength(5);
});

test('one refusal of the API server to several checks is one line, whatever they look at', () => {
  const why = 'list Pod: 403 Forbidden';

  expect(
    shortTroubles([saying('coredns').unknown('CoreDNS', why), saying('kubelet-stall').unknown('pods', why)]),
  ).toEqual(['coredns and kubelet-stall: list Pod: 403 Forbidden']);
});
