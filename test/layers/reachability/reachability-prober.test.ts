/** The prober in short, for every run of the tests; each of its parts at length is in judge, queue and silence. */
import { expect, test } from 'vitest';
import { news, Prober } from '../../support/prober.js';

const JARVIS = '10.0.1.10';

test('tells once and in time of a node that falls silent, and once that it is back', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  expect(prober.look(1000)).toMatchObject({ status: 0, bodies: [] });

  prober.answer(JARVIS, 1);
  const dark = prober.looks([1020, 1080, 1100, 1120]);
  prober.answer(JARVIS, 0, 'yes');
  const back = prober.looks([1140, 1240, 1260]);

  expect(news(dark)).toEqual([[1100, 'down']]);
  expect(news(back)).toEqual([[1260, 'up']]);
});

test.each([
  ['ping alone', 0, 'no'],
  ['a refusal', 1, 'refused'],
] as const)('%s is a sign of life', (_, ping, tcp) => {
  const prober = new Prober();
  prober.answer(JARVIS, ping, tcp);

  expect(prober.looks([1000, 1100])).toEqual([]);
});

test('tells nothing while it is itself cut off, nor of a silence that is planned', () => {
  const cutOff = new Prober();
  cutOff.answer('192.0.2.1', 1);
  const planned = new Prober();
  planned.run(990, ['--silence', 'jarvis', '10']);

  expect([...cutOff.looks([1000, 1100]), ...planned.looks([1000, 1100])]).toEqual([]);
});

test('what did not get through is told later', () => {
  const prober = new Prober();
  prober.look(1000);
  prober.httpStatus(500);
  prober.look(1100);
  prober.httpStatus(200);

  expect(prober.waiting).toHaveLength(1);
  expect(news(prober.looks([1120]))).toEqual([[1120, 'down']]);
  expect(prober.waiting).toEqual([]);
});

test('says in --status what it knows, and with 2 that it knows nothing yet', () => {
  const prober = new Prober();

  expect(prober.run(990, ['--status']).status).toBe(2);
  prober.look(1000);
  expect(prober.run(1010, ['--status'])).toMatchObject({
    status: 3,
    stdout: expect.stringMatching(/jarvis .*unreach/),
  });
});

test('does not work with wrong settings', () => {
  const { status, logged } = new Prober().look(1000, { REACHABILITY_TARGETS: 'jarvis' });

  expect(status).toBe(1);
  expect(logged).toContain("setting 'REACHABILITY_TARGETS': expected name/address/port+port, got 'jarvis'");
});
