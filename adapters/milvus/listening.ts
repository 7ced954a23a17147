import { connect } from 'node:net';
import { lostServer } from '../../core/server/connection-error.js';
import { addressOf } from './options.js';

const limitMs = 1000;

/**
 * Why nobody listens at an address; undefined where somebody does, or where it is not known. The
 * client repeats why its connection ended until it has tried to make another, which is later.
 *
 * @returns BenchError HOST_DIED
 */
export function refusedConnection(url: string): Promise<unknown> {
  const { host, port } = addressOf(url);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limitMs });
    const end = (found?: unknown): void => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end());
    socket.once('error', (error) => {
      const lost = lostServer(error, { store: 'milvus', url, service: 'milvus' });
      end(lost === error ? undefined : lost);
    });
  });
}
