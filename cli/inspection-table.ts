import type { Inspection, NeighbourFigures, QueryOrigin } from '../core/inspect/inspect.js';
import type { ColumnFigures } from '../core/inspect/payload-columns.js';
import { formatNumber } from '../core/units.js';
import { formatTable } from './table.js';

/** Below this a difference between queries and base is taken as one. */
const unlikely = 0.01;

/** What a dataset is like, for a terminal: a figure a line, and what it rests on. */
export function formatInspection(inspection: Inspection): string {
  const { neighbours, metric } = inspection;
  const lines = [
    ...sizes(inspection),
    ...(neighbours === undefined ? [] : neighbourLines(neighbours)),
    ...(inspection.payload ?? []).map(columnLine),
  ];
  const columns = [{ title: 'figure' }, { title: 'value', right: true }, { title: 'of' }];
  const notes = [
    ...(neighbours === undefined
      ? [`no neighbours: a vector is all zeros, which has no ${metric}`]
      : []),
    ...(neighbours?.origin === undefined ? [] : [describeOrigin(neighbours.origin)]),
  ];
  return `${formatTable(columns, lines)}${notes.map((note) => `${note}\n`).join('')}`;
}

type Line = readonly [figure: string, value: string, of: string];

function sizes({ norms, ...inspection }: Inspection): Line[] {
  const { rows, dimensions, type, metric, queries, duplicateRows } = inspection;
  const all = `${formatNumber(rows)} rows`;
  return [
    ['rows', formatNumber(rows), ''],
    ['dimensions', String(dimensions), ''],
    ['element type', type, ''],
    ['metric', metric, ''],
    ['queries', formatNumber(queries), ''],
    ['smallest norm', formatNumber(norms.min), all],
    ['median norm', formatNumber(norms.median), `${formatNumber(norms.medianRows)} rows`],
    ['largest norm', formatNumber(norms.max), all],
    ['zero vectors', formatNumber(norms.zeros), all],
    ['duplicate rows', formatNumber(duplicateRows), all],
  ];
}

function neighbourLines(figures: NeighbourFigures): Line[] {
  const among = `among ${formatNumber(figures.among)}`;
  const ofRows = `${formatNumber(figures.rows)} rows ${among}`;
  const ofQueries = `${formatNumber(figures.queries)} queries ${among}`;
  const { intrinsicDimension, relativeContrast, ties, origin } = figures;
  const contrast: Line[] =
    relativeContrast === undefined
      ? []
      : [['relative contrast', formatNumber(relativeContrast), ofQueries]];
  const against = `${formatNumber(figures.queries)} queries, ${ofRows}`;
  return [
    ...intrinsicDimension.map(({ k, value }): Line => {
      return [`local intrinsic dimension, k = ${k}`, formatNumber(value), ofRows];
    }),
    ...contrast,
    ...ties.map(({ k, value }): Line => [`ties at rank ${k}`, formatShare(value), ofQueries]),
    ...(origin === undefined ? [] : originLines(origin, against)),
  ];
}

function originLines({ p, medianRatio }: QueryOrigin, against: string): Line[] {
  return [
    ['queries as rows: p', formatP(p), against],
    ['queries as rows: ratio of medians', formatNumber(medianRatio), against],
  ];
}

function columnLine({ name, type, values, categories }: ColumnFigures): Line {
  const kinds = categories === undefined ? '' : ` (${formatNumber(categories)})`;
  return [`column ${name}`, `${type}${kinds}`, `${formatNumber(values)} rows with a value`];
}

function describeOrigin({ p, medianRatio }: QueryOrigin): string {
  if (p >= unlikely) {
    const found = `no difference was found (p ${formatP(p)})`;
    return `The queries lie to the base as its own rows do: ${found}.`;
  }
  const times = `${formatNumber(medianRatio)} times the distance by the median, p ${formatP(p)}`;
  const where = medianRatio >= 1 ? 'farther from' : 'nearer to';
  return `The queries lie ${where} the base than its own rows do: ${times}.`;
}

function formatP(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toPrecision(2);
}

function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
