import { BenchError } from '../../core/errors.js';
import { shownUrl } from '../../core/server/connection-error.js';

/** What a server answered in place of what was asked for. */
export interface RefusedAnswer {
  readonly status: number;
  /** Decoded where it was JSON, else text. */
  readonly body: unknown;
}

/**
 * An answer that is no success, as something that a person can act on: with the reason that the
 * server gave in the body, which its client does not tell.
 *
 * @param url of the server; credentials in it are not shown
 */
export function refusal({ status, body }: RefusedAnswer, url: string): BenchError {
  const where = `qdrant at ${shownUrl(url)}`;
  const reason = reasonOf(body);
  if (status === 401 || status === 403) {
    return new BenchError(
      'AUTH_FAILED',
      `${where}: refused (${status}): ${reason ?? 'no reason'}`,
      {
        hint: 'give the API key as options.apiKey, by the name of a variable of the environment',
      },
    );
  }
  if (reason === undefined) return notQdrant({ status, body }, url);
  const hint = hintOf(status);
  const message = `${where}: answered ${status}: ${reason}`;
  return new BenchError('STORE_FAILED', message, hint === undefined ? {} : { hint });
}

/** An answer that Qdrant does not give. */
export function notQdrant({ status, body }: RefusedAnswer, url: string): BenchError {
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  const began = text.trim().slice(0, 60).replace(/\s+/g, ' ');
  const message = `qdrant at ${shownUrl(url)}: answered ${status} with '${began}'`;
  return new BenchError('STORE_FAILED', `${message}, expected JSON of Qdrant`, {
    hint: 'is it Qdrant that listens there, or a proxy before it?',
  });
}

function hintOf(status: number): string | undefined {
  if (status === 404) return 'was the collection removed meanwhile, or is its name another?';
  if (status === 409) return 'another run may use the same name';
  return undefined;
}

/** `status.error` of the body, or the text of one that is no page. */
function reasonOf(body: unknown): string | undefined {
  if (typeof body === 'string') {
    return body.length > 0 && !body.trimStart().startsWith('<') ? body.slice(0, 300) : undefined;
  }
  const { status } = (body ?? {}) as { status?: { error?: unknown } };
  return typeof status?.error === 'string' ? status.error : undefined;
}
