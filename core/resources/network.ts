import { join } from 'node:path';
import { readKernelFile } from './kernel-file.js';

/**
 * Bytes of a network namespace since its interfaces came up, headers of the link included. The
 * same bytes are counted once by each interface they pass: on a host of containers by its card,
 * its bridge and the container's pair.
 */
export interface NetworkBytes {
  /** Of all interfaces but the loopback. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Between processes of the machine; what is sent is received. */
  readonly loopbackReceivedBytes: number;
  readonly loopbackSentBytes: number;
}

/**
 * What went over the network of a process: that of its namespace, not its own. On a machine without
 * containers all processes share one; a container has its own unless it was given the host's. Unix
 * sockets are in none. Cheap enough for a window.
 *
 * @param pid this process when not given
 * @param root of the file system that is read
 * @returns undefined where it cannot be read
 * @see proc_pid_net(5), `/proc/net/dev`: bytes received are column 1, those sent column 9
 */
export function readNetwork(pid?: number, root = '/'): NetworkBytes | undefined {
  const text = readKernelFile(join(root, 'proc', `${pid ?? 'self'}`, 'net/dev'));
  if (text === undefined) return undefined;
  const sum = { receivedBytes: 0, sentBytes: 0, loopbackReceivedBytes: 0, loopbackSentBytes: 0 };
  // Two lines of headings come first.
  for (const line of text.split('\n').slice(2)) {
    const nameEnd = line.lastIndexOf(':');
    if (nameEnd < 0) continue;
    const columns = line
      .slice(nameEnd + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    const [received = Number.NaN, sent = Number.NaN] = [columns[0], columns[8]];
    if (Number.isNaN(received + sent)) return undefined;
    const isLoopback = line.slice(0, nameEnd).trim() === 'lo';
    sum[isLoopback ? 'loopbackReceivedBytes' : 'receivedBytes'] += received;
    sum[isLoopback ? 'loopbackSentBytes' : 'sentBytes'] += sent;
  }
  return sum;
}
