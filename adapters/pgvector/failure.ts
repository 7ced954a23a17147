import { BenchError, codeOf, type ErrorCode, messageOf } from '../../core/errors.js';
import { connectionError, type ServerAt } from '../../core/server/connection-error.js';

/** Versions of pgvector in which an ability came. */
export const since = { half: '0.7.0', bit: '0.7.0', iterative: '0.8.0', graph: '0.5.0' } as const;

interface Meaning {
  readonly code: ErrorCode;
  readonly hint?: string;
}

const wrongUser: Meaning = {
  code: 'AUTH_FAILED',
  hint: 'give options.user and options.password, the latter from the environment',
};

const ended: Meaning = {
  code: 'UNREACHABLE',
  hint: 'the server ended the connection: see its log for why',
};

/** What a server says by its SQLSTATE. @see PostgreSQL 17, Appendix A, "Error Codes" */
const meanings: Readonly<Record<string, Meaning>> = {
  '28P01': wrongUser,
  '28000': {
    code: 'AUTH_FAILED',
    hint: 'does pg_hba.conf let this user in from here, and does it want TLS (options.tls)?',
  },
  '3D000': { code: 'BAD_TARGET', hint: 'name a database that is there at the end of options.url' },
  '42P01': { code: 'BAD_TARGET', hint: 'is the name right, and its schema in the search path?' },
  '25006': {
    code: 'READ_ONLY',
    hint: 'a replica or a read-only session takes no rows: give the address of the primary',
  },
  '53300': {
    code: 'STORE_FAILED',
    hint: 'raise max_connections of the server, or lower the concurrency of the load',
  },
  '53100': { code: 'DISK_FULL', hint: 'make room on the disk of the server' },
  '53200': {
    code: 'STORE_FAILED',
    hint: 'the server has no memory left: lower maintenanceWorkMemMb',
  },
  '57014': {
    code: 'TIMEOUT',
    hint: 'is the server busy with something else, or is measure.timeoutS too low?',
  },
  '57P01': ended,
  '57P02': ended,
  '57P03': { code: 'UNREACHABLE', hint: 'the server is starting or ending: try again' },
  '42501': { code: 'AUTH_FAILED', hint: 'give this user the right to do it' },
  '0A000': { code: 'UNSUPPORTED' },
  '54000': {
    code: 'UNSUPPORTED',
    hint: 'an index takes 2,000 dimensions, of halfvec 4,000: see the parameter storage',
  },
  '58P01': {
    code: 'UNSUPPORTED',
    hint: 'install pgvector on the server, as the image pgvector/pgvector has it',
  },
};

/** The part of an error that the server sent which is not shown as it is. */
interface ServerSaid {
  readonly severity?: unknown;
  readonly hint?: unknown;
}

/**
 * What the client threw, by what a person can do about it. What the server said stands in the
 * message; of a connection see {@link connectionError}.
 */
export function failureOf(thrown: unknown, at: ServerAt): unknown {
  if (thrown instanceof BenchError) return thrown;
  if (/^SASL|assword must be/.test(messageOf(thrown))) {
    const message = 'pgvector: the server wants a password, and there is none that it takes';
    return new BenchError('AUTH_FAILED', message, { ...wrongUser, cause: thrown });
  }
  if ((thrown as ServerSaid).severity === undefined) return connectionError(coded(thrown), at);
  const sqlState = codeOf(thrown);
  const { code, hint } = meanings[sqlState] ?? { code: 'STORE_FAILED' as const };
  const said = (thrown as ServerSaid).hint;
  const best = typeof said === 'string' ? said : hint;
  return new BenchError(code, `pgvector: ${messageOf(thrown)} (${sqlState})`, {
    ...(best !== undefined && { hint: best }),
    cause: thrown,
  });
}

/** Whether an error says that its connection is no more. */
export function isLost(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (/^(57P0[1-5]|08\w{3}|ECONN\w+|EPIPE|ETIMEDOUT)$/.test(code)) return true;
  return clientSays.some(({ pattern }) => pattern.test(messageOf(thrown)));
}

/** Whether an error says that a server does not answer. */
export function isSilent(thrown: unknown): boolean {
  return thrown instanceof BenchError && /UNREACHABLE|TIMEOUT/.test(thrown.code);
}

/** An error of the system that stands for another. */
export function underCode(code: string, cause: unknown): Error {
  return Object.assign(new Error(messageOf(cause), { cause }), { code });
}

const clientSays = [
  { pattern: /^Connection terminated|^Client (was closed|has encountered)/, code: 'ECONNRESET' },
  { pattern: /^timeout expired/, code: 'ETIMEDOUT' },
  { pattern: /not support SSL|establishing an SSL/, code: 'ERR_SSL_REFUSED' },
];

/** The client gives its own errors no code: they get the one of the system that they stand for. */
function coded(thrown: unknown): unknown {
  const code = clientSays.find(({ pattern }) => pattern.test(messageOf(thrown)))?.code;
  if (code === undefined || codeOf(thrown) !== 'ERROR') return thrown;
  return underCode(code, thrown);
}

/** @throws BenchError TOO_OLD when a pgvector is older than what has an ability */
export function requireVersion(found: string, needed: string, ability: string): void {
  if (!isOlder(found, needed)) return;
  const message = `pgvector: ${ability} needs pgvector ${needed}, found ${found}`;
  throw new BenchError('TOO_OLD', message, {
    hint: 'install the newer one and run: alter extension vector update',
  });
}

/** Whether a version comes before another: numbers with dots between them. */
export function isOlder(found: string, needed: string): boolean {
  return found.localeCompare(needed, 'en', { numeric: true }) < 0;
}
