import { execFileSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkHost } from './plug-in.js';

const TOKEN = 'a.long-token';
const SECRET = `case "$*" in
*'{.data.token}') printf '%s' '${Buffer.from(TOKEN).toString('base64')}' ;;
*'{.data.ca\\.crt}') printf '%s' Q0E= ;;
*) exit 9 ;;
esac`;

const site = (kubectl = SECRET, chgrp = ':') => {
  const { host, run } = checkHost({ kubectl, chgrp }, {}, ['base64', 'chmod', 'rm', 'stat']);
  const environment = {
    CHECKS_ADMIN_KUBECTL: 'kubectl',
    CHECKS_KUBECONFIG: host.path('checks.kubeconfig'),
    CHECKS_NAMESPACE: 'kube-system',
    CHECKS_SERVER: 'https://127.0.0.1:16443',
  };
  return {
    host,
    make: (args: readonly string[] = [], more = {}) => run('make-kubeconfig.sh', { ...environment, ...more }, ...args),
  };
};

/** What the file has without a chgrp, which is a stub here. */
const OWN_GROUP = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();

test('writes nothing a second time', () => {
  const { host, make } = site();
  make([OWN_GROUP]);
  const first = statSync(host.path('checks.kubeconfig')).mtimeMs;

  expect(make([OWN_GROUP]).status).toBe(0);
  expect(statSync(host.path('checks.kubeconfig')).mtimeMs).toBe(first);
});

test('writes it again for another group', () => {
  const { host, make } = site();
  make([OWN_GROUP]);

  expect(make(['icinga']).status).toBe(3);
  expect(host.read('calls')).toContain('chgrp icinga ');
});

test('writes it again where everybody may read it', () => {
  const { host, make } = site();
  make([OWN_GROUP]);
  chmodSync(host.path('checks.kubeconfig'), 0o644);

  expect(make([OWN_GROUP]).status).toBe(3);
  expect(statSync(host.path('checks.kubeconfig')).mode & 0o777).toBe(0o640);
});

test('writes a file that only root and the group may read, and does not show the token', () => {
  const { host, make } = site();
  const { status, stdout, stderr } = make();

  expect(status).toBe(3);
  expect(host.read('checks.kubeconfig')).toContain(`token: "${TOKEN}"`);
  expect(host.read('checks.kubeconfig')).toContain(
    'server: "https://127.0.0.1:16443", certificate-authority-data: "Q0E="',
  );
  expect(statSync(host.path('checks.kubeconfig')).mode & 0o777).toBe(0o640);
  expect(host.read('calls')).toContain('chgrp nagios ');
  expect(stdout + stderr).not.toContain(TOKEN);
});

test('nobody else can read it at any time', () => {
  const { host, make } = site(SECRET, 'stat -c %a "$2" >"${0%/*}/../draft"');
  make();

  expect(host.read('draft')).toBe('600\n');
});

test.each([
  ['the Secret has no authority', SECRET.replace('Q0E=', "''"), ':', /which a controller writes, got neither yet/],
  ['the Secret cannot be read', 'exit 1', ':', /expected a token in it, got an error/],
  ['no controller has filled it yet', 'exit 0', ':', /which a controller writes, got neither yet/],
  ['nobody has the group', SECRET, 'exit 1', /for the group 'nagios', could not/],
])('leaves nothing behind where %s', (_, kubectl, chgrp, why) => {
  const { host, make } = site(kubectl, chgrp);
  const { status, stderr } = make();

  expect(stderr).toMatch(why);
  expect(status).toBe(2);
  expect(host.has('checks.kubeconfig') || host.has('checks.kubeconfig.new')).toBe(false);
});

test.each([
  [['-x'], {}, /group '-x': expected the name of one group/],
  [[], { CHECKS_SERVER: 'http://x:1' }, /'CHECKS_SERVER': expected https/],
  [[], { CHECKS_SERVER: 'https://fd00::1:6443' }, /'CHECKS_SERVER': expected https/],
  [[], { CHECKS_KUBECONFIG: 'here' }, /'CHECKS_KUBECONFIG': expected an absolute path/],
  [[], { CHECKS_NAMESPACE: 'a b' }, /'CHECKS_NAMESPACE': expected a namespace/],
])('refuses %j with %j', (args, more, why) => {
  const { status, stderr } = site().make(args, more);

  expect(stderr).toMatch(why);
  expect(status).toBe(1);
});
