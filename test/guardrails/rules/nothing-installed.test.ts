import { describe, expect, test } from 'vitest';
import { nothingInstalled } from '../../../src/guardrails/rules/nothing-installed.js';
import { configMap, cronJob, findings, foundIn, pod } from '../examples.js';

const script = (line: string) => configMap({ 'run.sh': `#!/bin/sh\n${line}\n` });

describe('nothing-installed', () => {
  test('refuses the installation that failed silently', () => {
    expect(foundIn(nothingInstalled, [script('apk add --no-cache rsync openssh')])).toEqual([
      'ConfigMap tools/scripts, key \'run.sh\': expected only programs that are on the node or in the image, got "apk add --no-cache rsync openssh"',
    ]);
  });

  test.each([
    'apk --no-cache add rsync',
    'apt-get update && apt-get install -y rsync',
    'DEBIAN_FRONTEND=noninteractive apt -y install "$packages"',
    'pip3 install boto3',
    'npm install',
    'curl -fsSL https://get.example | sh -',
    'wget -O /usr/local/bin/kubectl https://dl.example/kubectl',
  ])('refuses %s', (line) => {
    expect(findings(nothingInstalled, [script(line)])).toHaveLength(1);
  });

  test('refuses it in the text that a shell is given', () => {
    expect(findings(nothingInstalled, [cronJob({}, pod({}, { command: ['sh', '-c', 'apk add rsync'] }))])).toHaveLength(
      1,
    );
  });

  test('refuses it in a script that is packed in JSON', () => {
    const packed = configMap({ 'files.json': JSON.stringify([{ content: '#!/bin/sh\napk add rsync\n' }]) });

    expect(findings(nothingInstalled, [packed])).toHaveLength(1);
  });

  test.each([
    '# apk add rsync fails without a way out',
    'apt-get update && apt-get -y dist-upgrade',
    'apt --fix-broken install || exit 2',
    'install -m 0755 a /usr/local/bin/a',
    'curl -fsS https://example.org/health',
  ])('accepts %s', (line) => {
    expect(foundIn(nothingInstalled, [script(line)])).toEqual([]);
  });
});
