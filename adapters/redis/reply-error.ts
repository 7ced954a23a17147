import { BenchError, type ErrorCode, messageOf } from '../../core/errors.js';
import { shownUrl } from '../../core/server/connection-error.js';

interface Refusal {
  readonly means: RegExp;
  readonly code: ErrorCode;
  readonly hint: string;
}

const refusals: readonly Refusal[] = [
  {
    means: /^(NOAUTH|WRONGPASS|ERR invalid password|ERR AUTH )/,
    code: 'AUTH_FAILED',
    hint: 'give options.user and options.password, from the environment',
  },
  {
    means: /^NOPERM/,
    code: 'AUTH_FAILED',
    hint: 'let the access list of the user allow this command and keys that begin with bench_',
  },
  {
    means: /^ERR (DB index is out of range|SELECT is not allowed|invalid DB index)/,
    code: 'BAD_TARGET',
    hint: 'give a number that the server has as options.database: clusters have 0 alone',
  },
  {
    means: /^READONLY/,
    code: 'READ_ONLY',
    hint: 'this is a replica: give the address of its primary',
  },
  {
    means: /^LOADING/,
    code: 'STORE_FAILED',
    hint: 'the server is reading its data from disk: wait until it answers PING with PONG',
  },
  {
    means: /^OOM/,
    code: 'STORE_FAILED',
    hint: 'raise maxmemory of the server, or take a smaller dataset',
  },
  {
    means: /^MISCONF/,
    code: 'STORE_FAILED',
    hint: 'the server cannot write its snapshots and takes no writes: see its log',
  },
  {
    means: /^ERR max number of clients reached/,
    code: 'STORE_FAILED',
    hint: 'raise maxclients of the server, or lower the concurrency of the load',
  },
  {
    means: /^ERR unknown command/,
    code: 'UNSUPPORTED',
    hint: 'vector sets need Redis 8, FT commands the search module; or it was renamed or disabled',
  },
  {
    means: /^Command timed out/,
    code: 'TIMEOUT',
    hint: 'is the server busy with something else, or is the limit of a request too low?',
  },
  {
    means: /Protocol error|Unknown RESP type/i,
    code: 'STORE_FAILED',
    hint: 'answers of the Redis protocol were expected: does a web server or a proxy listen there?',
  },
];

/**
 * What the server or the client refused, as something that a person can act on; any other error is
 * given back as it came. The arguments of the command, which may be secret, are left out.
 */
export function replyError(thrown: unknown, url: string): unknown {
  if (thrown instanceof BenchError) return thrown;
  const message = messageOf(thrown);
  const found = refusals.find(({ means }) => means.test(message));
  if (found === undefined) return thrown;
  const said = message.replace(/, with args beginning with.*$/s, '');
  return new BenchError(found.code, `redis at ${shownUrl(url)}: ${said}`, { hint: found.hint });
}

/** Whether the server does not know a command. */
export function isUnknownCommand(thrown: unknown): boolean {
  return /unknown command/i.test(messageOf(thrown));
}
