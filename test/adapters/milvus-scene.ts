import { milvusOptions } from '../../adapters/milvus/options.js';
import type { MilvusClient } from '../../adapters/milvus/package.js';
import { MilvusServer } from '../../adapters/milvus/server.js';
import type { CollectionSpec, ConnectContext } from '../../core/adapter.js';
import type { Clock } from '../../core/clock.js';

/** How an answer of a server begins that did what was asked. */
export const success = { error_code: 'Success', code: 0, reason: '' };

/** What a run gives, with some of it changed. */
export function contextOf(change: Partial<ConnectContext> = {}): ConnectContext {
  return {
    namespace: 'bench_test',
    connections: 2,
    timeoutNs: 2e9,
    signal: new AbortController().signal,
    log: () => undefined,
    ...change,
  };
}

/** A small collection, with some of it changed. */
export function specOf(change: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    name: 'a',
    rows: 10,
    dimensions: 2,
    metric: 'l2',
    elements: 'f32',
    family: 'hnsw',
    params: {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
    ...change,
  };
}

/** A server whose client answers as it is told to. */
export function fakeServer(client: Partial<MilvusClient>, version = '2.6.0'): MilvusServer {
  return new MilvusServer({
    client: client as MilvusClient,
    package: { name: 'fake', version: '0' },
    options: milvusOptions.parse({}),
    context: contextOf(),
    version,
  });
}

/** An error as the client throws it where gRPC failed. */
export function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details });
}

/** A clock that is where it is wanted at once. */
export function jumpingClock(): Clock {
  let at = 0;
  const fail = (): never => {
    throw new Error('not of this clock');
  };
  return {
    now: () => at,
    async sleepUntil(untilNs) {
      at = untilNs;
    },
    yield: fail,
    turn: fail,
    spinUntil: fail,
  };
}

type Meets = (row: Readonly<Record<string, unknown>>) => boolean;

/** What an expression means, by its grammar: the oracle for what filters are translated to. */
export function meaningOf(expression: string): Meets {
  const tokens = expression.match(/"(?:\\.|[^"\\])*"|[()[\],]|[<>=]=|[<>]|[^\s()[\],<>=]+/g) ?? [];
  const meets = disjunction(tokens);
  if (tokens.length > 0) throw new Error(`left over: ${tokens.join(' ')}`);
  return meets;
}

function disjunction(tokens: string[]): Meets {
  const parts = [conjunction(tokens)];
  while (tokens[0] === 'or') parts.push(conjunction(tokens.splice(0, 1) && tokens));
  return (row) => parts.some((part) => part(row));
}

function conjunction(tokens: string[]): Meets {
  const parts = [negation(tokens)];
  while (tokens[0] === 'and') parts.push(negation(tokens.splice(0, 1) && tokens));
  return (row) => parts.every((part) => part(row));
}

function negation(tokens: string[]): Meets {
  if (tokens[0] === 'not') {
    tokens.shift();
    const part = negation(tokens);
    return (row) => !part(row);
  }
  if (tokens[0] !== '(') return comparison(tokens);
  tokens.shift();
  const inner = disjunction(tokens);
  expect(tokens, ')');
  return inner;
}

function comparison(tokens: string[]): Meets {
  const [field = '', operator = ''] = tokens.splice(0, 2);
  if (operator === 'in') return membership(field, tokens);
  const bound = literal(tokens);
  return (row) => {
    const value = stored(row[field]) as number;
    if (operator === '==') return value === bound;
    if (operator === '>=') return value >= bound;
    if (operator === '<=') return value <= bound;
    if (operator === '>') return value > bound;
    throw new Error(`no operator ${operator}`);
  };
}

function membership(field: string, tokens: string[]): Meets {
  const values: unknown[] = [];
  expect(tokens, '[');
  while (tokens[0] !== ']') {
    values.push(literal(tokens));
    if (tokens[0] === ',') tokens.shift();
  }
  expect(tokens, ']');
  return (row) => values.includes(stored(row[field]));
}

function literal(tokens: string[]): number {
  return JSON.parse(tokens.shift() ?? '') as number;
}

/** Whole numbers that JavaScript has not are stored as text. */
function stored(value: unknown): unknown {
  return typeof value === 'string' && /^-\d+$/.test(value) ? Number(value) : value;
}

function expect(tokens: string[], wanted: string): void {
  const got = tokens.shift();
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`);
}
