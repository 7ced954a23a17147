import type { PayloadValue } from '../../core/payload.js';
import type { PointBody, QueryBody, QueryParams } from './bodies.js';
import type { FieldCondition, QdrantCondition, QdrantFilter } from './filter.js';
import type { GrpcValue } from './package.js';

/** A row as a message of gRPC. */
export function grpcPoint({ id, vector, payload = {} }: PointBody): object {
  const values = Object.entries(payload).map(([name, value]) => [name, { kind: kindOf(value) }]);
  const dense = { vector: { case: 'dense', value: { data: vector } } };
  return {
    id: { pointIdOptions: { case: 'num', value: BigInt(id) } },
    vectors: { vectorsOptions: { case: 'vector', value: dense } },
    payload: Object.fromEntries(values),
  };
}

function kindOf(value: PayloadValue): object {
  if (typeof value === 'string') return { case: 'stringValue', value };
  if (typeof value === 'boolean') return { case: 'boolValue', value };
  if (Number.isSafeInteger(value)) return { case: 'integerValue', value: BigInt(value) };
  return { case: 'doubleValue', value };
}

/** A value of a payload; undefined for what bench does not store. */
export function grpcValue({ kind }: GrpcValue): PayloadValue | undefined {
  if (kind.case === 'integerValue') return Number(kind.value);
  const known = ['stringValue', 'boolValue', 'doubleValue'];
  return known.includes(kind.case ?? '') ? (kind.value as PayloadValue) : undefined;
}

/** A query as a message of gRPC. */
export function grpcQuery(collectionName: string, body: QueryBody): object {
  const { query, using, filter, params, limit, with_payload: columns } = body;
  const dense = { variant: { case: 'dense', value: { data: query } } };
  const selector =
    columns === false
      ? { case: 'enable', value: false }
      : { case: 'include', value: { fields: columns } };
  return {
    collectionName,
    query: { variant: { case: 'nearest', value: dense } },
    ...(using !== undefined && { using }),
    ...(filter !== undefined && { filter: grpcFilter(filter) }),
    ...(params !== undefined && { params: grpcParams(params) }),
    limit: BigInt(limit),
    withPayload: { selectorOptions: selector },
  };
}

function grpcParams({ hnsw_ef, exact, indexed_only, quantization }: QueryParams): object {
  return {
    ...(hnsw_ef !== undefined && { hnswEf: BigInt(hnsw_ef) }),
    ...(exact !== undefined && { exact }),
    ...(indexed_only !== undefined && { indexedOnly: indexed_only }),
    ...(quantization !== undefined && { quantization }),
  };
}

/** A filter as a message of gRPC. */
export function grpcFilter({ must = [], should = [], must_not = [] }: QdrantFilter): object {
  return {
    must: must.map(grpcCondition),
    should: should.map(grpcCondition),
    mustNot: must_not.map(grpcCondition),
  };
}

function grpcCondition(condition: QdrantCondition): object {
  const option =
    'key' in condition
      ? { case: 'field', value: grpcField(condition) }
      : { case: 'filter', value: grpcFilter(condition) };
  return { conditionOneOf: option };
}

function grpcField({ key, match, range }: FieldCondition): object {
  if (match === undefined) return { key, range };
  if ('value' in match) return { key, match: { matchValue: matchOf(match.value) } };
  const isText = match.any.every((value) => typeof value === 'string');
  const value = isText
    ? { case: 'keywords', value: { strings: match.any } }
    : { case: 'integers', value: { integers: match.any.map((one) => BigInt(one)) } };
  return { key, match: { matchValue: value } };
}

function matchOf(value: PayloadValue): object {
  if (typeof value === 'string') return { case: 'keyword', value };
  if (typeof value === 'boolean') return { case: 'boolean', value };
  return { case: 'integer', value: BigInt(value) };
}
