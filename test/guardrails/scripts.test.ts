import { describe, expect, test } from 'vitest';
import { Inspection } from '../../src/guardrails/inspection.js';
import { commandLines, configTextsOf, inlineScript, scriptsAmong, scriptsRunBy } from '../../src/guardrails/scripts.js';
import { workloadsOf } from '../../src/guardrails/workloads.js';
import { minimal } from '../support/clusters.js';
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

describe('scriptsAmong', () => {
  test('takes what begins like a script and what is called one', () => {
    const data = {
      run: '#!/usr/bin/env bash\na\n',
      'part.sh': 'b\n',
      'page.html': 'c\n',
      py: '#!/usr/bin/python3\nd\n',
    };

    const scripts = scriptsAmong(configTextsOf(placed([configMap(data)])));

    expect(scripts.map(({ lines }) => lines)).toEqual([['a'], ['b']]);
  });
});

describe('inlineScript', () => {
  test('takes the text that a shell is given, and nothing of a command without a shell', () => {
    const containers = workloadsOf(
      placed([
        cronJob({}, pod({}, { command: ['/bin/busybox', 'sh', '-ec'], args: ['e', 'not this'] })),
        cronJob({}, pod({}, { command: ['grep', '-c', 'x'] })),
      ]),
    ).flatMap((workload) => workload.containers);

    expect(containers.flatMap(inlineScript).map(({ text }) => text)).toEqual(['e']);
  });
});

describe('scriptsRunBy', () => {
  test('takes the arguments and the mounted scripts of the same namespace', () => {
    const objects = placed([
      cronJob({}, pod({ volumes: [SCRIPTS_VOLUME] })),
      configMap({ 'run.sh': 'mine' }),
      inNamespace(configMap({ 'run.sh': 'of another namespace' }), 'elsewhere'),
      configMap({ 'run.sh': 'not mounted' }, 'others'),
    ]);
    const { workloads, scripts } = new Inspection({ cluster: minimal(), objects });
    const [workload] = workloads;
    const [main] = workload?.containers ?? [];

    const texts = workload && main && scriptsRunBy(main, workload, scripts).map(({ text }) => text);

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
