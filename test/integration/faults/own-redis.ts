import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { debianCommand, debianFolder, freePort, OwnServer } from './own-servers.js';

/** A Redis of a test. */
export interface OwnRedis {
  readonly server: OwnServer;
  readonly url: string;
}

const volatile = ['--save', '', '--appendonly', 'no'];

/**
 * Starts a Redis.
 *
 * @param config lines of its configuration; PORT is its port
 * @param files settings that name a file, and what is in it
 */
export async function ownRedis(
  context: TestContext,
  config: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<OwnRedis> {
  const port = await freePort();
  const { inside, path } = debianFolder(context, 'redis');
  const plain = config.some((line) => line.startsWith('tls-port')) ? [] : ['--port', String(port)];
  const lines = config.map((line) => line.replaceAll('PORT', String(port)));
  for (const [setting, text] of Object.entries(files)) {
    writeFileSync(`${path}/${setting}`, text);
    lines.push(`${setting} ${inside}/${setting}`);
  }
  writeFileSync(`${path}/own.conf`, `${lines.join('\n')}\n`);
  const where = ['--bind', '127.0.0.1', ...plain, '--dir', inside];
  const program = ['/usr/bin/redis-server', `${inside}/own.conf`, ...where, ...volatile];
  const command = debianCommand('redis', program);
  const server = await OwnServer.start(context, { command, port });
  return { server, url: `redis://127.0.0.1:${port}` };
}

/** Sends one command to a Redis, as a line, and gives the answer as it stands on the wire. */
export function askRedis(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer.replace(/\+OK\r\n$/, '').trimEnd()));
    socket.write(`${line}\r\nQUIT\r\n`);
  });
}
