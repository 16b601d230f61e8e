import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BackupPod } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

const HA = 'pvc-1_home_ha';
const TOKEN = 'secret-Token.of-the~house';

interface Request {
  readonly line: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

describeWith(['busybox', 'rsync', 'flock'], 'hooks.sh in backup.sh', () => {
  let pod: BackupPod;
  let server: Server;
  let requests: Request[] = [];
  /** What the program answers to a path: a status, or nothing at all. */
  let answers: Record<string, number | 'nothing'> = {};

  beforeEach(async () => {
    pod = new BackupPod();
    pod.volume(HA, 3);
    pod.volume('pvc-2_home_mqtt', 3);
    [requests, answers] = [[], {}];
    server = createServer(async (request, response) => {
      requests.push({
        line: `${request.method} ${request.url}`,
        body: await text(request),
        authorization: request.headers.authorization,
      });
      const answer = answers[request.url ?? ''] ?? 200;
      if (answer !== 'nothing') response.writeHead(answer).end(answer === 200 ? 'held' : '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    hook('1-home-ha', 'home/ha');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    pod.end();
  });

  const hook = (name: string, volume: string, more: Readonly<Record<string, string>> = {}): void => {
    const files = {
      volume,
      'before-url': `${origin()}/hold/${name}`,
      'before-body': '{"hold": true}',
      'after-url': `${origin()}/go/${name}`,
      timeout: '2',
      ...more,
    };
    for (const [file, content] of Object.entries(files)) pod.write(`hooks/${name}/${file}`, content);
  };

  const origin = (): string => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  };

  const start = (changed: Readonly<Record<string, string>> = {}) =>
    pod.start('backup.sh', { HOOKS: pod.at('hooks'), ...changed });
  const run = (changed: Readonly<Record<string, string>> = {}) => start(changed).ended;
  const lines = () => requests.map(({ line }) => line);
  const consistency = (): Record<string, string> =>
    Object.fromEntries(
      pod
        .read(`backup/snapshots/${pod.snapshots[0]}/volumes`)
        .trimEnd()
        .split('\n')
        .map((line) => [line.split(' ')[4], line.split(' ')[3]]),
    );

  test('asks nobody when nothing changed', async () => {
    await pod.run('backup.sh');

    const { status } = await run();

    expect(status).toBe(0);
    expect(lines()).toEqual([]);
  });

  test('asks nobody when the source is refused', async () => {
    pod.mounts(`30 21 0:40 / ${pod.home} rw - nfs4 far:/x rw`);

    await run();

    expect(lines()).toEqual([]);
  });

  test('asks before and after, and says so of the volume', async () => {
    const { status, stderr } = await run();

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(requests).toEqual([
      { line: 'POST /hold/1-home-ha', body: '{"hold": true}', authorization: undefined },
      { line: 'POST /go/1-home-ha', body: '', authorization: undefined },
    ]);
    expect(consistency()).toEqual({ [HA]: 'hook', 'pvc-2_home_mqtt': 'quiet' });
  });

  test('lets go before the snapshot is published, which can take long', async () => {
    pod.far(`case "$*" in *' publish '*) sleep 1 ;; esac`);
    const { ended } = start();
    await until(() => pod.verbs.includes('publish'));

    expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    expect((await ended).status).toBe(0);
  });

  describe('a hook that fails', () => {
    test('before: the copy is made all the same, and the run ends with 6', async () => {
      answers['/hold/1-home-ha'] = 500;

      const { status, stderr } = await run();

      expect(status).toBe(6);
      expect(stderr).toContain(
        "hook for 'home/ha': request before: expected status 200, got 500; its copy is as after a power failure",
      );
      expect(stderr).toMatch(/backed up as .*; 1 hook\(s\) failed\n$/);
      expect(consistency()[HA]).toBe('quiet');
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    });

    test('before, without an answer: it is let go, for it may have heard', async () => {
      answers['/hold/1-home-ha'] = 'nothing';
      pod.write('hooks/1-home-ha/timeout', '1');

      const { status, stderr } = await run();

      expect(status).toBe(6);
      expect(stderr).toContain('request before: expected an answer within 1 s, got none');
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    });

    test('after: it is tried three times, and the run ends with 6', async () => {
      answers['/go/1-home-ha'] = 401;
      pod.write('hooks/1-home-ha/timeout', '10');

      const { status, stderr } = await run();

      expect(status).toBe(6);
      expect(stderr).toContain(
        "hook for 'home/ha': request after: expected status 200, got 401; the program may still",
      );
      expect(lines().filter((line) => line.includes('/go/'))).toHaveLength(3);
      expect(pod.snapshots).toHaveLength(1);
    });

    test('because nobody listens', async () => {
      pod.write('hooks/1-home-ha/before-url', 'http://127.0.0.1:1/');

      const { status, stderr } = await run();

      expect(status).toBe(6);
      expect(stderr).toContain('request before: expected status 200, got no answer');
    });

    test('does not keep the others from being asked', async () => {
      answers['/hold/1-home-ha'] = 500;
      hook('2-home-mqtt', 'home/mqtt');

      await run();

      expect(lines()).toEqual([
        'POST /hold/1-home-ha',
        'POST /hold/2-home-mqtt',
        'POST /go/1-home-ha',
        'POST /go/2-home-mqtt',
      ]);
      expect(consistency()['pvc-2_home_mqtt']).toBe('hook');
    });

    test('for a volume that is not there, another kind of URL, a token of two lines, and an empty one', async () => {
      hook('2', 'home/gone');
      hook('3', 'home/ha', { 'before-url': 'ftp://x/' });
      hook('4', 'home/mqtt', { token: 'a\nX-Evil: 1' });
      hook('5', 'home/mqtt', { token: '' });

      const { status, stderr } = await run();

      expect(status).toBe(6);
      expect(stderr).toContain("'home/gone': expected a volume of that name in the source, got none");
      expect(stderr).toContain("'home/ha': request before: expected an URL with http:// or https://");
      expect(
        stderr.match(/'home\/mqtt': request before: expected a token of one word, got something else/g),
      ).toHaveLength(2);
      expect(lines().filter((line) => line.includes('/hold/'))).toEqual(['POST /hold/1-home-ha']);
    });
  });

  describe('lets go', () => {
    const failsAt = (verb: string, words: string): void => pod.far(`case "$*" in *' ${verb} '*) ${words} ;; esac`);

    test.each([
      ['receive', 4],
      ['publish', 4],
    ])('when %s fails', async (verb, expected) => {
      failsAt(verb, "echo 'selfheal-backup-server: no' >&2; echo '@refused 5' >&2; exit 5");

      const { status } = await run();

      expect(status).toBe(expected);
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
      expect(pod.snapshots).toEqual([]);
    });

    test('when the copy takes longer than it may', async () => {
      failsAt('receive', 'exec sleep 60');

      const { status, stderr } = await run({ TIMEOUT_SECONDS: '4' });

      expect(stderr).toContain('failed: copying: stopped after');
      expect(status).toBe(4);
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    });

    test('when it is stopped in the middle', async () => {
      failsAt('receive', 'exec sleep 60');
      const { child, ended } = start();
      await until(() => pod.verbs.includes('receive'));

      child.kill('SIGTERM');
      const { status, stderr } = await ended;

      expect(stderr).toContain('failed: stopped by SIGTERM after');
      expect(status).toBe(4);
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    });

    test('only once when a second signal comes while it does so', async () => {
      failsAt('receive', 'exec sleep 60');
      answers['/go/1-home-ha'] = 'nothing';
      const { child, ended } = start();
      await until(() => pod.verbs.includes('receive'));

      child.kill('SIGTERM');
      await until(() => lines().length === 2);
      child.kill('SIGTERM');
      const { status, stderr } = await ended;

      expect(status).toBe(4);
      expect(stderr).toContain("hook for 'home/ha': request after: expected an answer within");
      expect(stderr.match(/failed: stopped by SIGTERM/g)).toHaveLength(1);
    });

    test('when it is stopped while the program is being asked to hold still', async () => {
      answers['/hold/1-home-ha'] = 'nothing';
      pod.write('hooks/1-home-ha/timeout', '20');
      const { child, ended } = start();
      await until(() => lines().length === 1);

      child.kill('SIGTERM');

      expect((await ended).status).toBe(4);
      expect(lines()).toEqual(['POST /hold/1-home-ha', 'POST /go/1-home-ha']);
    });
  });

  describe('a token', () => {
    beforeEach(() => pod.write('hooks/1-home-ha/token', `${TOKEN}\n`));

    test('goes with both requests', async () => {
      await run();

      expect(requests.map(({ authorization }) => authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
    });

    test.each([200, 401])('is never printed or kept in a file, whatever is answered (%i)', async (answer) => {
      answers = { '/hold/1-home-ha': answer, '/go/1-home-ha': answer };
      pod.write('hooks/1-home-ha/timeout', '1');

      const { stdout, stderr } = await run();

      const files = ['textfile/selfheal_backup_local_path_backup.prom', 'termination-log', 'run/hook.err'];
      expect(requests.length).toBeGreaterThan(1);
      expect([stdout, stderr, ...files.map((file) => pod.read(file))].join('\n')).not.toContain(TOKEN);
    });
  });
});

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of request) body += part;
  return body;
}

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('state of the run: expected within 10 s, got nothing');
}
