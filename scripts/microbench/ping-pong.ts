import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { nowNs } from '../../core/clock.js';
import { median } from '../../core/stats/quantile.js';
import { withOut } from './runs.js';

// A search of one query of 384 dimensions, and its answer of ten ids.
const requestBytes = 1568;
const answerBytes = 68;
const warmUp = 5000;
const counted = 25_000;

/**
 * Median time in microseconds that two bare Node processes need to throw a search and its answer
 * over a Unix socket: what no engine host of Node can be below on this machine at this moment.
 */
export function pingPongUs(): Promise<number> {
  return withOut(async (path) => {
    const server = fork(fileURLToPath(import.meta.url), [path]);
    try {
      await once(server, 'message');
      return await play(path);
    } finally {
      await end(server);
    }
  });
}

async function end(server: ChildProcess): Promise<void> {
  const gone = once(server, 'exit');
  server.kill();
  await gone;
}

async function play(path: string): Promise<number> {
  const socket = connect(path);
  const times = await volley(socket, Buffer.alloc(requestBytes));
  socket.destroy();
  return median([...times.subarray(warmUp)]);
}

function volley(socket: Socket, request: Buffer): Promise<Float64Array> {
  const times = new Float64Array(warmUp + counted);
  let index = 0;
  let sentNs = 0;
  const send = (): void => {
    sentNs = nowNs();
    socket.write(request);
  };
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', () => {
      times[index++] = (nowNs() - sentNs) / 1000;
      if (index < times.length) send();
      else resolve(times);
    });
    send();
  });
}

function serve(path: string): void {
  const answer = Buffer.alloc(answerBytes);
  createServer((socket) => socket.on('data', () => socket.write(answer))).listen(path, () =>
    process.send?.('ready'),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(process.argv[2] as string);
