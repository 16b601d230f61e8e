/** A host beside the cluster with the prober on it: what its pings and connections end with stands in files. */
import { readdirSync } from 'node:fs';
import { type FakeHost, fakeHost } from './fake-host.js';

const SCRIPTS = new URL('../../src/layers/reachability/scripts/', import.meta.url).pathname;
const SCRIPT = `${SCRIPTS}reachability-prober.sh`;
const BOOT = '11111111-2222-3333-4444-555555555555';

/** What a connection ends with, as bash says it; `no` runs into the time limit. */
const TCP = {
  yes: 'exit 0',
  no: 'exit 124',
  refused: 'printf "connect: Connection refused" >&2; exit 1',
  'no-route': 'printf "connect: No route to host" >&2; exit 1',
  unknown: 'printf "connect: Network is unreachable" >&2; exit 1',
} as const;

export interface Told {
  readonly id: string;
  readonly state: string;
  readonly node: string | null;
  readonly address: string | null;
  readonly seconds: number;
  readonly since: string | null;
  readonly prober: string;
  readonly text: string;
}

/** Everything answers as `answer` says; where it has not said anything, nothing does. The gateway, 192.0.2.1, does. */
export class Prober {
  readonly host: FakeHost;

  constructor(stubs: Readonly<Record<string, string>> = {}, curl = true) {
    const tcp = Object.entries(TCP).map(([name, does]) => `${name}) ${does} ;;`);
    this.host = fakeHost(['mkdir', 'mv', 'rm', 'flock', 'grep'], {
      logger: '',
      ping: 'status=1; read -r status 2>/dev/null <"$HOME/ping/${*: -1}"; exit "$status"',
      // Bounds nothing; a connection, which is bash itself, does not leave this host.
      timeout: `while [[ $1 == -k ]]; do shift 2; done; shift
        [[ "$1 $4" == 'bash bash' ]] || exec "$@"
        read -r outcome 2>/dev/null <"$HOME/tcp/$5"; case \${outcome:-no} in ${tcp.join(' ')} esac`,
      ...(curl
        ? {
            curl: `body=; while IFS= read -r line; do body+=$line$'\\n'; done; printf '%s' "$body" >>"$HOME/posted"
              read -r code <"$HOME/code"; [[ $code == dead ]] && exit 7; printf %s "$code"`,
          }
        : {}),
      ...stubs,
    });
    this.boot(BOOT);
    this.host.write('proc/sys/kernel/hostname', 'porch\n');
    // A way through a router that is none of the default's, and silent.
    const route = 'eth0\t000200C0\t00000000\t0001\neth0\t0000000A\t630200C0\t0003\neth0\t00000000\t010200C0\t0003\n';
    this.host.write('proc/net/route', `Iface\tDestination\tGateway\tFlags\n${route}`);
    this.host.write('url', 'https://chat.example/hooks/secret-part\n');
    this.httpStatus(200);
    this.answer('192.0.2.1', 0, 'refused');
  }

  /** `ping` is its exit status: 0 an answer, 1 none, 2 the question could not be put. */
  answer(address: string, ping: number, tcp: keyof typeof TCP = 'no'): void {
    this.host.write(`ping/${address}`, `${ping}\n`);
    this.host.write(`tcp/${address}`, `${tcp}\n`);
  }

  boot(id = `2${BOOT.slice(1)}`): void {
    this.host.write('proc/sys/kernel/random/boot_id', `${id}\n`);
  }

  httpStatus(code: number | 'dead'): void {
    this.host.write('code', `${code}\n`);
  }

  run(uptime: number | string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.host.write('proc/uptime', `${uptime}.00 1.00\n`);
    this.host.write('posted', '');
    const outcome = this.host.run(
      SCRIPT,
      {
        REACHABILITY_TARGETS: 'jarvis/10.0.1.10/22',
        REACHABILITY_FORM: 'webhook',
        REACHABILITY_WEBHOOK: this.host.path('url'),
        REACHABILITY_TOKEN: this.host.path('token'),
        REACHABILITY_HEARTBEAT: this.host.path('heartbeat'),
        REACHABILITY_STATE_FOLDER: this.host.path('state'),
        REACHABILITY_SPARE_FOLDER: this.host.path('spare'),
        REACHABILITY_PARTS_FOLDER: `${SCRIPTS}prober`,
        REACHABILITY_PROC_FOLDER: this.host.path('proc'),
        REACHABILITY_SETTINGS: '/dev/null',
        ...env,
      },
      args,
    );
    const bodies = [...this.host.read('posted').matchAll(/^data-raw = "(.*)"$/gm)].map(([, text = '']) =>
      text.replaceAll(/\\(.)/g, '$1'),
    );
    const logged = outcome.calls.filter((call) => call.startsWith('logger '));
    return { ...outcome, bodies, logged: logged.join('\n') };
  }

  /** One look, so many seconds after this host's boot. */
  look(uptime: number | string, env: Readonly<Record<string, string>> = {}) {
    return this.run(uptime, [], env);
  }

  /** Looks at these times, and what they told. */
  looks(times: readonly number[], env: Readonly<Record<string, string>> = {}): readonly (readonly [number, Told])[] {
    return times.flatMap((time) =>
      this.look(time, env).bodies.map((body) => [time, JSON.parse(body) as Told] as const),
    );
  }

  get waiting(): readonly string[] {
    return readdirSync(this.host.path('state/queue'));
  }
}

/** When which state was told. */
export const news = (told: readonly (readonly [number, Told])[]) => told.map(([time, { state }]) => [time, state]);
