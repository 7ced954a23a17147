import type { Adapter, PayloadField, PayloadSupport } from '../adapter.js';
import { checkFilter, type Filter, fieldsOf, kindsOf } from '../filter.js';
import { suggestion } from '../nearest.js';
import type { PayloadType } from '../payload.js';
import type { Target, Unsupported } from '../plan.js';
import type { Suite, SuiteStream } from '../suite.js';
import type { Attached } from './attached.js';

/** The columns of a dataset's payload and what they hold. */
export type PayloadTypes = Readonly<Record<string, PayloadType>>;

/** What a stream asks of the payload. */
export interface AskedOfPayload {
  /** What rows must meet. */
  readonly filter?: Filter;
  /** Columns that come with the ids. */
  readonly payload?: readonly string[];
}

/** One of the filters and lists of columns that a stream sweeps. */
export interface Variant extends AskedOfPayload {
  /** What its stream is called more; empty where nothing is swept. */
  readonly suffix: string;
  /** Where it stands in its stream, for messages. */
  readonly places: { readonly filter: string; readonly payload: string };
}

interface Choice<T> {
  readonly suffix: string;
  readonly place: string;
  readonly value: T | undefined;
}

/** Every combination of the filters and the lists of columns of a stream. */
export function variantsOf({ filter, payload }: SuiteStream): readonly Variant[] {
  return filtersOf(filter).flatMap((filters) =>
    columnsOf(payload).map((columns) => ({
      suffix: `${filters.suffix}${columns.suffix}`,
      places: { filter: filters.place, payload: columns.place },
      ...(filters.value !== undefined && { filter: filters.value }),
      ...(columns.value !== undefined && { payload: columns.value }),
    })),
  );
}

function filtersOf(filter: SuiteStream['filter']): Choice<Filter>[] {
  if (filter === undefined) return [{ suffix: '', place: '', value: undefined }];
  if (isFilter(filter)) return [{ suffix: '', place: '.filter', value: filter }];
  return Object.entries(filter).map(([name, value]) => {
    const place = `.filter.${name}`;
    return { suffix: `-${name}`, place, value: value === 'none' ? undefined : value };
  });
}

function isFilter(filter: NonNullable<SuiteStream['filter']>): filter is Filter {
  return ['field', 'and', 'or', 'not'].some((key) => key in filter);
}

function columnsOf(payload: SuiteStream['payload']): Choice<readonly string[]>[] {
  if (payload === undefined) return [{ suffix: '', place: '', value: undefined }];
  const some = (names: readonly string[]) => (names.length === 0 ? undefined : [...new Set(names)]);
  if (Array.isArray(payload)) return [{ suffix: '', place: '.payload', value: some(payload) }];
  return Object.entries(payload).map(([name, names]) => {
    return { suffix: `-${name}`, place: `.payload.${name}`, value: some(names) };
  });
}

/** The columns that a suite stores: those it names, filters by, or asks for. */
export function storedFields(suite: Suite, types: PayloadTypes): readonly PayloadField[] {
  const variants = suite.streams.flatMap(variantsOf);
  const filtered = variants.flatMap(({ filter }) => (filter ? fieldsOf(filter) : []));
  const asked = variants.flatMap(({ payload = [] }) => payload);
  const names = new Set([...(suite.payload ?? []), ...filtered, ...asked]);
  return [...names].sort().flatMap((name) => {
    const type = types[name];
    return type === undefined ? [] : [{ name, type, indexed: filtered.includes(name) }];
  });
}

/** What of a target says which payload it has. */
type PayloadTarget = Pick<Target, 'attach'> & { readonly adapter: Pick<Adapter, 'payload'> };

/** Those columns that a target takes, or that lie in its attached collection. */
export function takenFields(
  { adapter, attach }: PayloadTarget,
  fields: readonly PayloadField[],
): readonly PayloadField[] {
  return fields.filter(
    ({ name, type }) =>
      adapter.payload?.types.includes(type) === true && (!attach || holds(attach, name)),
  );
}

function holds({ payload = [] }: Attached, name: string): boolean {
  return payload.includes(name);
}

function whyAway(attach: Attached, names: readonly string[]): string | undefined {
  const away = names.find((name) => !holds(attach, name));
  if (away === undefined) return undefined;
  return `is attached to ${attach.collection}, of which payload ${away} is not named`;
}

function whyLacking(
  { filters, returns }: PayloadSupport,
  { filter, payload: asked = [] }: AskedOfPayload,
): string | undefined {
  const kinds = filter === undefined ? [] : [...kindsOf(filter)];
  const lacked = kinds.filter((kind) => !filters.includes(kind));
  if (lacked.length > 0) return `has no filter by ${lacked.join(', ')}`;
  return asked.length > 0 && !returns ? 'gives no payload' : undefined;
}

/** Why a store cannot answer a stream as it is asked; undefined where it can. */
export function whyNot(
  { adapter: { payload }, attach }: PayloadTarget,
  { filter, payload: asked = [] }: AskedOfPayload,
  types: PayloadTypes,
): string | undefined {
  const names = [...(filter === undefined ? [] : fieldsOf(filter)), ...asked];
  if (names.length === 0) return undefined;
  if (payload === undefined) return 'stores no payload';
  const away = attach && whyAway(attach, names);
  if (away !== undefined) return away;
  const strange = names.find((name) => !payload.types.includes(types[name] ?? 'text'));
  if (strange !== undefined) return `stores no ${types[strange]} (${strange})`;
  return whyLacking(payload, { ...(filter && { filter }), payload: asked });
}

/** A stream with the name that results know it by. */
export interface NamedVariant extends AskedOfPayload {
  readonly name: string;
}

/** What targets lack of the payload of a suite. */
export function lackedPayload(
  targets: readonly Target[],
  { streams, types }: { readonly streams: readonly NamedVariant[]; readonly types: PayloadTypes },
): Unsupported[] {
  return targets.flatMap((target) =>
    streams.flatMap((stream) => {
      const why = whyNot(target, stream, types);
      const { name, adapterName } = target;
      const lacked = { target: name, what: `stream ${stream.name}`, why: `${adapterName} ${why}` };
      return why === undefined ? [] : [lacked];
    }),
  );
}

/** A part of a sentence for each mistake in what a stream asks of the payload. */
export function checkPayload(stream: SuiteStream, types: PayloadTypes): readonly string[] {
  const mistakes = variantsOf(stream).flatMap(({ filter, payload = [], places }) => [
    ...(filter ? checkFilter(filter, types).map((wrong) => `${places.filter}${wrong}`) : []),
    ...payload.flatMap((name) => unknownColumn(places.payload, name, types)),
  ]);
  return [...new Set(mistakes)];
}

/** A sentence for each column that a suite stores and a dataset lacks. */
export function checkStored({ payload = [] }: Suite, types: PayloadTypes): readonly string[] {
  return payload.flatMap((name) => unknownColumn('payload', name, types));
}

function unknownColumn(place: string, name: string, types: PayloadTypes): string[] {
  if (types[name] !== undefined) return [];
  const names = Object.keys(types);
  const what = names.length === 0 ? 'the dataset has no payload' : suggestion(name, names);
  return [`${place} ${name} is no column; ${what}`];
}
