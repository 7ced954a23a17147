/** The payload of a point. */
export type Payload = Readonly<Record<string, unknown>>;

interface Field {
  readonly key: string;
  readonly match?: { readonly value?: unknown; readonly any?: readonly unknown[] };
  readonly range?: Readonly<Record<'gte' | 'lte' | 'gt' | 'lt', number | undefined>>;
}

/** A filter of Qdrant, as far as the double knows it. */
export interface Filter {
  readonly must?: readonly (Field | Filter)[];
  readonly should?: readonly (Field | Filter)[];
  readonly must_not?: readonly (Field | Filter)[];
}

/** Whether a point meets a filter. */
export function meets(payload: Payload, filter: Filter): boolean {
  const { must = [], should = [], must_not = [] } = filter;
  const one = (condition: Field | Filter): boolean =>
    'key' in condition ? meetsField(payload[condition.key], condition) : meets(payload, condition);
  return must.every(one) && !must_not.some(one) && (should.length === 0 || should.some(one));
}

function meetsField(value: unknown, { match, range }: Field): boolean {
  if (match !== undefined) {
    return match.any === undefined ? value === match.value : match.any.includes(value);
  }
  if (typeof value !== 'number' || range === undefined) return false;
  const { gte = -Infinity, lte = Infinity, gt = -Infinity, lt = Infinity } = range;
  return value >= gte && value <= lte && (gt === -Infinity || value > gt) && value < lt;
}

/** Whether a range somewhere in a filter is none. */
export function hasBadRange(filter: Filter): boolean {
  const parts = [...(filter.must ?? []), ...(filter.should ?? []), ...(filter.must_not ?? [])];
  return parts.some((part) =>
    'key' in part ? typeof (part.range ?? {}) !== 'object' : hasBadRange(part),
  );
}
