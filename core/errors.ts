/** What a person can act on, by code; the value is the exit code of a command that ends with it. */
export const exitCodeOf = {
  BAD_ARGUMENT: 2,
  BAD_SUITE: 2,
  BAD_TARGET: 2,
  UNKNOWN_NAME: 2,
  RESUME_DIFFERS: 2,
  BAD_DATA: 3,
  BAD_RUN: 3,
  NOT_WRITABLE: 3,
  DISK_FULL: 3,
  NO_MEMORY: 3,
  NO_PYTHON: 3,
  NO_PACKAGE: 3,
  STORE_FAILED: 3,
  HOST_DIED: 3,
  UNREACHABLE: 3,
  AUTH_FAILED: 3,
  TLS_FAILED: 3,
  TOO_OLD: 3,
  READ_ONLY: 3,
  NO_PROCESS: 3,
  NOT_READABLE: 3,
  METRICS_FAILED: 3,
  TIMEOUT: 3,
  DOWNLOAD_FAILED: 3,
  VERIFY_FAILED: 3,
  UNSUPPORTED: 3,
  REQUESTS_SPENT: 130,
  INTERRUPTED: 130,
} as const;

/** A code of {@link BenchError}: the closed list of things that a person can act on. */
export type ErrorCode = keyof typeof exitCodeOf;

/**
 * The one error class: something a person can act on. The message names what was being done, the
 * wrong value and the right range; the hint says what to do. Anything else that is thrown is a bug.
 */
export class BenchError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BenchError';
    this.code = code;
    this.hint = options.hint;
  }

  /** The exit code (2, 3 or 130) of a command that ends with this error. */
  get exitCode(): number {
    return exitCodeOf[this.code];
  }

  /** Two lines for a terminal: `error CODE: message` and `hint: ...`. */
  format(): string {
    const hint = this.hint === undefined ? '' : `\nhint: ${this.hint}`;
    return `error ${this.code}: ${this.message}${hint}`;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The code of what was thrown: a BenchError's, a system error's (`ECONNRESET`), or ERROR. */
export function codeOf(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown.code;
  }
  return 'ERROR';
}

/** What is kept and told of something thrown. */
export type Failure = {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
};

/** What is kept and told of something thrown. */
export function failureOf(thrown: unknown): Failure {
  const hint = thrown instanceof BenchError ? thrown.hint : undefined;
  const failure = { code: codeOf(thrown), message: messageOf(thrown) };
  return hint === undefined ? failure : { ...failure, hint };
}
