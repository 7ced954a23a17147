import type { AddressInfo } from 'node:net';
import { httpOptions } from './options.js';
import { createNullServer } from './server.js';

// The program of the server's process: its options as JSON come as the one argument, where it
// listens is said on stdout, and it ends with its stdin, when the process that started it does.
const options = httpOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const server = createNullServer(options);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.stdin.on('close', () => process.exit()).resume();
