import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A line of /proc/PID/stat with the fields of proc_pid_stat(5) that matter here. */
export function statLine(process: {
  readonly pid: number;
  readonly name?: string;
  readonly state?: string;
  readonly parent?: number;
  /** minflt cminflt majflt cmajflt utime stime cutime cstime */
  readonly figures?: string;
}): string {
  const { pid, name = 'store', state = 'S', parent = 1, figures = '7 7 0 0 0 0 0 0' } = process;
  return `${pid} (${name}) ${state} ${parent} 9 9 0 -1 4194304 ${figures} 20 0 1 0 88 999 55 0`;
}

/** An auxiliary vector of a 64-bit little-endian machine that tells the size of its pages. */
export function auxv(pageBytes: number): string {
  const vector = Buffer.alloc(48);
  // AT_CLKTCK (17) is 100, AT_PAGESZ (6) as given, then AT_NULL: see getauxval(3) and elf.h.
  [17n, 100n, 6n, BigInt(pageBytes)].forEach((word, index) => {
    vector.writeBigUInt64LE(word, index * 8);
  });
  return vector.toString('latin1');
}

/** Gives a process of a made-up /proc an open socket. */
export function openSocket(root: string, pid: number, inode: number): void {
  const folder = join(root, 'proc', `${pid}`, 'fd');
  mkdirSync(folder, { recursive: true });
  symlinkSync(`socket:[${inode}]`, join(folder, `${inode}`));
}

/** A line of /proc/net/tcp (or tcp6): port and state as the kernel writes them, in hexadecimal. */
export function socketLine(socket: {
  readonly address?: string;
  readonly port: number;
  readonly state?: string;
  readonly userId?: number;
  readonly inode: number;
}): string {
  const { address = '0100007F', port, state = '0A', userId = 0, inode } = socket;
  const local = `${address}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const queues = '00000000:00000000 00:00000000 00000000';
  return `   0: ${local} 00000000:0000 ${state} ${queues} ${userId} 0 ${inode} 1 0 100 0 0 10 0`;
}
