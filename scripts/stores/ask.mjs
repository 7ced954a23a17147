// Asks servers whether they answer: node ask.mjs URL... exits with 0 once each of them did. A
// program of its own, because it may have to run inside the private network.
import { connect } from 'node:net';

const limitMs = 3_000;

const asks = {
  'tcp:': (url) => talk(url, '', () => true),
  'redis:': (url) => talk(url, 'PING\r\n', (answer) => answer.toString().startsWith('+PONG\r\n')),
  'postgres:': (url) => talk(url, startupMessage(url), isReadyForQuery),
  'http:': askHttp,
};

// Protocol 3.0: length, version, then pairs of names and values.
function startupMessage(url) {
  const pairs = ['user', url.username, 'database', url.pathname.slice(1)];
  const parameters = Buffer.from(`${pairs.join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + parameters.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, parameters]);
}

// Each message: a letter, then its length without the letter. Z says that queries are taken.
function isReadyForQuery(answer) {
  for (let at = 0; at + 5 <= answer.length; at += 1 + answer.readInt32BE(at + 1)) {
    if (answer[at] === 'Z'.charCodeAt(0)) return true;
    if (answer[at] === 'E'.charCodeAt(0)) throw new Error(answer.toString('latin1'));
  }
  return false;
}

function talk(url, question, isAnswer) {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = connect(Number(url.port), url.hostname);
    const look = () => {
      try {
        if (isAnswer(answer)) resolve(socket.destroy());
      } catch (thrown) {
        reject(thrown);
      }
    };
    socket.on('connect', () => {
      socket.write(question);
      look();
    });
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      look();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed by the server: ${answer}`)));
  });
}

async function askHttp(url) {
  const response = await fetch(url);
  const body = await response.text();
  const expected = decodeURIComponent(url.hash.slice(1));
  if (response.ok && body.includes(expected)) return;
  throw new Error(`${url.pathname} answers ${response.status}: ${body.slice(0, 200)}`);
}

setTimeout(() => {
  process.stderr.write(`no answer within ${limitMs} ms\n`);
  process.exit(1);
}, limitMs).unref();

try {
  for (const text of process.argv.slice(2)) {
    const url = new URL(text);
    await asks[url.protocol](url);
  }
  process.exit(0);
} catch (thrown) {
  process.stderr.write(`${thrown.cause?.message ?? thrown.message}\n`);
  process.exit(1);
}
