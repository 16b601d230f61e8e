import { expect, test } from 'vitest';
import { enterHost } from '../../../src/layers/node-bootstrap/enter-host.js';

test('enters the namespaces of PID 1 with an empty environment and runs the program', () => {
  expect(enterHost(['bash', '/program'])).toEqual([
    'nsenter',
    '-t',
    '1',
    '-m',
    '-u',
    '-i',
    '-n',
    '-p',
    '--',
    '/usr/bin/env',
    '-i',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'bash',
    '/program',
  ]);
});
