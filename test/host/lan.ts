/** A network of its own: hosts are network namespaces with one cable each to one switch, and all of it goes away at the end. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** What a classifier returns to have a frame thrown away (TC_ACT_SHOT). */
const DROP = 2;

let networks = 0;

export class Lan {
  private readonly prefix = `lan${process.pid}n${networks++}`;
  private readonly hosts: string[] = [];
  private readonly processes: ChildProcess[] = [];
  private readonly switch = `${this.prefix}-switch`;

  constructor() {
    ip('netns', 'add', this.switch);
    // A plain switch says nothing of its own; the kernel would look for routers at each port.
    ip('netns', 'exec', this.switch, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6');
    ip('-n', this.switch, 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', this.switch, 'link', 'set', 'br0', 'up');
  }

  /** Adds a host at 10.77.0.NUMBER; the gateway of all is 10.77.0.1, whether it is there or not. */
  add(name: string, number: number): string {
    const host = this.namespace(name);
    ip('netns', 'add', host);
    this.hosts.push(host);
    ip('-n', host, 'link', 'set', 'lo', 'up');
    ip('-n', this.switch, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    ip('-n', this.switch, 'link', 'set', name, 'master', 'br0', 'up');
    ip('-n', host, 'address', 'add', `10.77.0.${number}/24`, 'dev', 'eth0');
    ip('-n', host, 'link', 'set', 'eth0', 'up');
    if (number !== 1) ip('-n', host, 'route', 'add', 'default', 'via', '10.77.0.1');
    return host;
  }

  namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }

  run(name: string, ...command: readonly string[]) {
    return spawnSync('ip', ['netns', 'exec', this.namespace(name), ...command], { encoding: 'utf8', timeout: 30_000 });
  }

  start(name: string, ...command: readonly string[]): ChildProcess {
    const started = spawn('ip', ['netns', 'exec', this.namespace(name), ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.processes.push(started);
    return started;
  }

  /** A host that speaks to everybody at once, twenty times a second: the chatter of any real network. */
  addChatter(): void {
    this.add('chatter', 200);
    this.start('chatter', 'bash', '-c', 'while sleep 0.05; do echo > /dev/udp/224.0.0.1/9; done 2>/dev/null');
  }

  /**
   * Each frame still arrives at the interface and is counted, and none is processed: what softirqs that make no progress
   * do to a node. Sending, the link and the loopback go on.
   */
  blackHole(name: string): void {
    this.tc(name, 'qdisc', 'add', 'dev', 'eth0', 'ingress');
    this.tc(name, 'filter', 'add', 'dev', 'eth0', 'parent', 'ffff:', 'bpf', 'da', 'bytecode', `1,6 0 0 ${DROP},`);
  }

  /** A firewall that says nothing: TCP to one port is thrown away on its way in. */
  dropPort(name: string, port: number): void {
    const program = [
      '40 0 0 12', // protocol of the frame
      '21 0 5 2048', // IPv4, or let it pass
      '48 0 0 23',
      '21 0 3 6', // TCP
      '40 0 0 36', // destination port; the header has no options here
      `21 0 1 ${port}`,
      `6 0 0 ${DROP}`,
      '6 0 0 4294967295',
    ];
    this.tc(name, 'qdisc', 'add', 'dev', 'eth0', 'ingress');
    const bytecode = `${program.length},${program.join(',')},`;
    this.tc(name, 'filter', 'add', 'dev', 'eth0', 'parent', 'ffff:', 'bpf', 'da', 'bytecode', bytecode);
  }

  passAll(name: string): void {
    this.tc(name, 'qdisc', 'del', 'dev', 'eth0', 'ingress');
  }

  /** The switch loses its power, but for the lamps: links stay up, no frame passes. */
  switchOff(): void {
    ip('-n', this.switch, 'link', 'set', 'br0', 'down');
  }

  switchOn(): void {
    ip('-n', this.switch, 'link', 'set', 'br0', 'up');
  }

  pullCable(name: string): void {
    ip('-n', this.switch, 'link', 'set', name, 'down');
  }

  plugCable(name: string): void {
    ip('-n', this.switch, 'link', 'set', name, 'up');
  }

  destroy(): void {
    for (const started of this.processes) started.kill('SIGKILL');
    for (const host of [...this.hosts, this.switch]) spawnSync('ip', ['netns', 'del', host]);
  }

  private tc(name: string, ...words: readonly string[]): void {
    const { status, stderr } = this.run(name, 'tc', ...words);
    if (status !== 0)
      throw new Error(`tc ${words.join(' ')} in '${name}': expected status 0, got ${status}: ${stderr}`);
  }
}

function ip(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: expected status 0, got ${status}: ${stderr}`);
}
