import { describe, expect, test } from 'vitest';
import { commandLines, configTextsOf, scriptsOf, scriptsRunBy } from '../../src/guardrails/scripts.js';
import { workloadsOf } from '../../src/guardrails/workloads.js';
import { configMap, cronJob, inNamespace, placed, pod, SCRIPTS_VOLUME } from './examples.js';

describe('configTextsOf', () => {
  test('unpacks JSON and leaves other texts as they are', () => {
    const texts = configTextsOf(
      placed([configMap({ plan: '{"files":[{"content":"a"},{"content":"b"}]}', unit: '[Unit]\nAfter=x\n', n: '[1]' })]),
    );

    expect(texts.map(({ text }) => text)).toEqual(['a', 'b', '[Unit]\nAfter=x\n', '[1]']);
    expect(texts[0]?.where).toBe("ConfigMap tools/scripts, key 'plan'");
  });
});

describe('scriptsOf', () => {
  test('takes what begins like a script, what is called one, and the text of sh -c', () => {
    const objects = placed([
      configMap({
        run: '#!/usr/bin/env bash\na\n',
        'part.sh': 'b\n',
        'page.html': 'c\n',
        py: '#!/usr/bin/python3\nd\n',
      }),
      cronJob({}, pod({}, { command: ['/bin/busybox', 'sh', '-ec'], args: ['e', 'not this'] })),
    ]);

    expect(scriptsOf(objects).map(({ text }) => text.trim().at(-1))).toEqual(['a', 'b', 'e']);
  });
});

describe('scriptsRunBy', () => {
  test('takes the arguments and the mounted scripts of the same namespace', () => {
    const script = configMap({ 'run.sh': 'mine' });
    const objects = placed([
      cronJob({}, pod({ volumes: [SCRIPTS_VOLUME] })),
      script,
      inNamespace(configMap({ 'run.sh': 'of another namespace' }), 'elsewhere'),
      configMap({ 'run.sh': 'not mounted' }, 'others'),
    ]);
    const [workload] = workloadsOf(objects);
    const [main] = workload?.containers ?? [];

    const texts = workload && main && scriptsRunBy(main, workload, objects).map(({ text }) => text);

    expect(texts).toEqual(['/scripts/run.sh', 'mine']);
  });
});

describe('commandLines', () => {
  test('joins what the shell joins, and drops comments, blank lines and what is only printed', () => {
    const script = [
      '#!/bin/sh',
      '# a comment',
      '',
      'rsync -a \\',
      '  --bwlimit=5 \\',
      '  a b  # why',
      'printf "rsync failed\\n"',
      'printf x | rsync -a - b',
      'echo ${a#b}',
    ].join('\n');

    expect(commandLines(script)).toEqual(['rsync -a --bwlimit=5 a b', 'printf x | rsync -a - b']);
  });
});
