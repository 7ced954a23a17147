import { connect, Socket } from 'node:net';
import type { ServerAddress } from './options.js';

/** A connection to be, of which the first answer is looked at: whether it is one of PostgreSQL. */
export function watchedSocket(): { socket: Socket; wrong: { answer?: string } } {
  const socket = new Socket();
  const wrong: { answer?: string } = {};
  socket.once('data', (data: Buffer) => {
    const text = data.toString('latin1');
    if (/^[RENSv]/.test(text)) return;
    wrong.answer = text.slice(0, 40);
    socket.destroy();
  });
  return { socket, wrong };
}

const askWithinMs = 1000;

/** The system's error where nobody listens any more; undefined where somebody does. */
export function refusalOf({ host, port }: ServerAddress): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: askWithinMs });
    const end = (error?: Error): void => {
      socket.destroy();
      resolve(error);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end());
    socket.once('error', end);
  });
}
