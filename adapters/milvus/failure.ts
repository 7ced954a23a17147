import { BenchError, messageOf } from '../../core/errors.js';
import {
  connectionError,
  lostServer,
  type ServerAt,
  shownUrl,
} from '../../core/server/connection-error.js';
import type { Status } from './package.js';

// Of the codes of gRPC: https://grpc.io/docs/guides/status-codes/
const deadlineExceeded = 4;
const permissionDenied = 7;
const unauthenticated = 16;
const denied = [permissionDenied, unauthenticated];
const unavailable = 14;
// Of the codes of Milvus: pkg/util/merr/errors.go
const collectionNotFound = 100;
const databaseNotFound = 800;

const credentialsHint = 'see options.user and options.password, or options.token';
const rightsHint = 'which rights has options.user?';

/** Whether a server says that it did what was asked. */
export function isSuccess({ error_code: old, code = 0 }: Status): boolean {
  return code === 0 && (old === undefined || old === 0 || old === 'Success');
}

/** Whether a server says that there is no such collection. */
export function isMissing({ code, reason = '', error_code: old }: Status): boolean {
  return (
    code === collectionNotFound ||
    old === 'CollectionNotExists' ||
    /can't find collection|collection not found/.test(reason)
  );
}

/** What a server refused, as something that a person can act on. */
export function refusal(status: Status, what: string, at: ServerAt): BenchError {
  const { code, reason = '' } = status;
  const number = code === undefined || code === 0 ? '' : ` (code ${code})`;
  const message = `${where(at)}: ${what}: ${reason || 'no reason given'}${number}`;
  if (code === databaseNotFound || /database not found/.test(reason)) {
    return new BenchError('BAD_TARGET', message, { hint: 'see options.database' });
  }
  if (/permission deny|permission denied|privilege/i.test(reason)) {
    return new BenchError('AUTH_FAILED', message, { hint: rightsHint });
  }
  if (isMissing(status)) {
    return new BenchError('STORE_FAILED', message, {
      hint: 'was the collection removed meanwhile?',
    });
  }
  return new BenchError('STORE_FAILED', message);
}

/** A server that does not answer as Milvus does. */
export function notMilvus(what: string, at: ServerAt, cause?: unknown): BenchError {
  const message = `${where(at)}: expected the gRPC of Milvus: ${what}`;
  return new BenchError('STORE_FAILED', message, {
    hint: 'is it Milvus that listens there, or a proxy before it?',
    cause,
  });
}

/** What the client threw while it connected, as something that a person can act on. */
export function connectFailure(thrown: unknown, at: ServerAt): unknown {
  const said = grpcError(thrown);
  if (said === undefined) return failure(thrown, 'connecting', at);
  if (said.code === unavailable) {
    if (/protocol error/i.test(said.details)) return notMilvus('another protocol', at, thrown);
    return connectionError(systemError(said.details), at);
  }
  if (said.code === deadlineExceeded || denied.includes(said.code)) {
    return failure(thrown, 'connecting', at);
  }
  return notMilvus(said.details, at, thrown);
}

/** Whether a call failed because there was no connection, or none any more. */
export function isUnavailable(thrown: unknown): boolean {
  return grpcError(thrown)?.code === unavailable;
}

/** What the client threw in place of an answer, as something that a person can act on. */
export function failure(thrown: unknown, what: string, at: ServerAt): unknown {
  if (thrown instanceof BenchError) return thrown;
  const said = grpcError(thrown);
  if (said !== undefined) return grpcFailure(said, { thrown, what, at });
  // The client throws some answers as they came, and its own mistakes about others.
  if (isStatus(thrown)) return refusal(thrown, what, at);
  const inner = (thrown as { status?: unknown } | null)?.status;
  if (isStatus(inner)) return refusal(inner, what, at);
  return thrown;
}

interface Thrown {
  readonly thrown: unknown;
  readonly what: string;
  readonly at: ServerAt;
}

function grpcFailure({ code, details }: GrpcError, { thrown, what, at }: Thrown): unknown {
  if (code === unavailable) {
    const known = systemError(details);
    const lost = lostServer(known, at);
    return lost === known ? connectionError(known, at) : lost;
  }
  const message = `${where(at)}: ${what}: ${details}`;
  if (code === deadlineExceeded) {
    return new BenchError('TIMEOUT', `${where(at)}: ${what}: no answer in time`, { cause: thrown });
  }
  if (denied.includes(code)) {
    return new BenchError('AUTH_FAILED', message, {
      hint: code === unauthenticated ? credentialsHint : rightsHint,
      cause: thrown,
    });
  }
  return new BenchError('STORE_FAILED', message, { cause: thrown });
}

interface GrpcError {
  readonly code: number;
  readonly details: string;
}

function grpcError(thrown: unknown): GrpcError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, details } = thrown as { code?: unknown; details?: unknown };
  if (typeof code !== 'number') return undefined;
  return { code, details: typeof details === 'string' ? details : messageOf(thrown) };
}

function isStatus(thrown: unknown): thrown is Status {
  return typeof thrown === 'object' && thrown !== null && 'error_code' in thrown;
}

const systemCodes =
  /\b(E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT|CONNRESET|PIPE|AI_AGAIN))\b/;
const ofTls = /ssl|tls|certificate|self.signed|altname/i;

/** The client hides why nothing came in a sentence: an error with the code of that again. */
function systemError(details: string): Error {
  const text = details
    .replace(/\s*Resolution note:\s*$/, '')
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\s+/g, ' ');
  const code = systemCodes.exec(text)?.[1] ?? codeBySentence(text);
  return Object.assign(new Error(text), { code });
}

function codeBySentence(text: string): string {
  if (/name resolution/i.test(text)) return 'ENOTFOUND';
  return ofTls.test(text) ? 'ERR_TLS' : 'ECONNRESET';
}

function where(at: ServerAt): string {
  return `${at.store} at ${shownUrl(at.url)}`;
}
