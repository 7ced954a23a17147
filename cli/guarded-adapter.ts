import { z } from 'zod';
import type { Adapter, IndexSupport } from '../core/adapter.js';
import { BenchError, exitCodeOf } from '../core/errors.js';
import { adapterKeys } from './adapter-shape.js';
import { type OwnFile, type OwnKind, thrownIn } from './own-file.js';

/** What a function of an adapter gives: for a person, and as a schema. */
interface Answer {
  readonly what: string;
  readonly schema: z.ZodType;
}

/** A function of an adapter file that bench itself calls. */
interface Call {
  readonly file: OwnFile;
  readonly kind: OwnKind;
  /** `indexes[0].check`. */
  readonly name: string;
  readonly answer: Answer;
}

const text = z.string();
const answers = {
  validate: {
    what: 'a value, or an array of issues with a message each',
    schema: z.looseObject({ issues: z.array(z.looseObject({ message: text })).optional() }),
  },
  probe: {
    what: 'works (true or false), detail (a text), and a code only where bench knows it',
    schema: z.looseObject({
      works: z.boolean(),
      detail: text,
      version: text.optional(),
      hint: text.optional(),
      code: z.literal(Object.keys(exitCodeOf)).optional(),
    }),
  },
  check: { what: 'an array of sentences', schema: z.array(text) },
  takes: { what: 'true or false', schema: z.boolean() },
  estimateBytes: { what: 'a number of bytes', schema: z.number().min(0) },
} satisfies Record<string, Answer>;

/**
 * An adapter of a person's own whose functions tell of their mistakes. What they throw while bench
 * plans a run or tries the engine out, and what they give that cannot be used, becomes a BenchError
 * that names the file: STORE_FAILED where the engine is tried, else that of the kind. Of `connect`
 * and what it opens nothing is changed: what these throw fails a build or a cell.
 */
export function guardedAdapter(adapter: Adapter, file: OwnFile, kind: OwnKind): Adapter {
  const { options, indexes, probe } = adapter;
  const schema = options['~standard'];
  const call = (name: string, answer: Answer): Call => ({ file, kind, name, answer });
  const trial: Call = { ...call('probe', answers.probe), kind: { ...kind, code: 'STORE_FAILED' } };
  const known = adapterKeys.filter((key) => key in adapter).map((key) => [key, adapter[key]]);
  return {
    ...(Object.fromEntries(known) as Adapter),
    options: {
      '~standard': {
        version: schema.version,
        vendor: schema.vendor,
        validate: guardedLater(call('options', answers.validate), schema.validate.bind(schema)),
      },
    },
    connect: adapter.connect.bind(adapter),
    ...(probe && { probe: guardedLater(trial, probe.bind(adapter)) }),
    ...(indexes && {
      indexes: indexes.map((support, index) =>
        guardedIndex(support, (name, answer) => call(`indexes[${index}].${name}`, answer)),
      ),
    }),
  };
}

function guardedIndex(
  support: IndexSupport,
  call: (name: string, answer: Answer) => Call,
): IndexSupport {
  const { check, takes, estimateBytes } = support;
  return {
    ...support,
    ...(check && { check: guarded(call('check', answers.check), check.bind(support)) }),
    ...(takes && { takes: guarded(call('takes', answers.takes), takes.bind(support)) }),
    ...(estimateBytes && {
      estimateBytes: guarded(
        call('estimateBytes', answers.estimateBytes),
        estimateBytes.bind(support),
      ),
    }),
  };
}

function guarded<Args extends unknown[], Given>(
  call: Call,
  work: (...args: Args) => Given,
): (...args: Args) => Given {
  return (...args) => {
    let given: Given;
    try {
      given = work(...args);
    } catch (cause) {
      throw faultOf(call, cause);
    }
    return checked(call, given);
  };
}

function guardedLater<Args extends unknown[], Given>(
  call: Call,
  work: (...args: Args) => Given | Promise<Given>,
): (...args: Args) => Promise<Given> {
  return async (...args) => {
    let given: Given;
    try {
      given = await work(...args);
    } catch (cause) {
      throw faultOf(call, cause);
    }
    return checked(call, given);
  };
}

/** What a person can act on passes as it is. */
function faultOf({ file, kind, name }: Call, cause: unknown): BenchError {
  return cause instanceof BenchError ? cause : thrownIn(file, kind, { doing: name, cause });
}

function checked<Given>({ file, kind, name, answer }: Call, given: Given): Given {
  if (answer.schema.safeParse(given).success) return given;
  const message = `${kind.what} ${file.shown}: ${name}: it must give ${answer.what}`;
  throw new BenchError(kind.code, `${message}, it gave ${kindOf(given)}`, {
    hint: 'docs/add-an-adapter.md says what an adapter holds',
  });
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'function') return 'a function';
  return JSON.stringify(value);
}
