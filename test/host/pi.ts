/** A machine that boots as a Raspberry Pi does: the firmware's file holds the kernel command line. */
import { Machine } from './machine.js';

export const BOOT_FILE = '/boot/firmware/current/cmdline.txt';
export const COMMAND_LINE = 'console=tty1 root=LABEL=writable\n';

export async function bootedPi(): Promise<Machine> {
  const machine = new Machine();
  machine.write(BOOT_FILE, COMMAND_LINE);
  await machine.boot();
  return machine;
}
