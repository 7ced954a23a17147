/**
 * The fast pass of the exact neighbours, in AssemblyScript: a tile of base rows against a block of
 * queries, two queries by four rows a step. Set-up compiles it into `scan.wasm`, which
 * core/measure/truth-kernel.ts loads.
 *
 * Values are taken in steps of 16 bytes of a query: 4 float32, or 8 int16 where both sides are
 * bytes. Queries lie in pairs and rows in fours, step after step, so that one address reaches all
 * of them. What a row lacks to whole steps is zero in the queries.
 */

/** Where the rows of the tile are put as they are stored, one after the other. */
export let stagingAt: usize = 0;
/** Where the queries are put, in pairs; zeros at first. */
export let queriesAt: usize = 0;
/** Where three float64 a row are put, each for all rows: scale, shift, slack. */
export let termsAt: usize = 0;
/** Where a float64 a query is put: its norm. */
export let normsAt: usize = 0;
/** Where a float64 a query is put: scores above it are kept. */
export let thresholdsAt: usize = 0;
/** An int32 a query: how many scores were kept; to be set to 0 before a scan. */
export let countsAt: usize = 0;
/** A float64 a query and row of the tile: the scores that were kept. */
export let keptScoresAt: usize = 0;
/** An int32 a query and row of the tile: their rows, counted from the first of the tile. */
export let keptRowsAt: usize = 0;

const stepBytes: usize = 16;
const pairBytes: usize = 2 * stepBytes;
const floatFourBytes: usize = 4 * stepBytes;
const byteFourBytes: usize = 2 * stepBytes;
const pageBytes: usize = 65536;
const lineBytes: usize = 64;

let dimensions: i32 = 0;
let steps: i32 = 0;
let capacity: i32 = 0;
let fourBytes: usize = 0;
let fourAt: usize = 0;
let end: usize = lineBytes;

/**
 * Lays out the memory for float32 rows; once, in a fresh instance.
 *
 * @param size the dimensions
 * @param queries the most that a block holds, an even number
 * @param rows the most that a tile holds, a multiple of 4
 */
export function prepareFloats(size: i32, queries: i32, rows: i32): void {
  dimensions = size;
  steps = (size + 3) >> 2;
  fourBytes = floatFourBytes;
  layOut(queries, rows, usize(rows) * usize(size) * 4);
}

/** Lays out the memory for rows of bytes, as {@link prepareFloats}. */
export function prepareBytes(size: i32, queries: i32, rows: i32): void {
  dimensions = size;
  steps = (size + 7) >> 3;
  fourBytes = byteFourBytes;
  layOut(queries, rows, usize(rows) * usize(size));
}

function layOut(queries: i32, rows: i32, stagingBytes: usize): void {
  const each = usize(queries);
  const pairs = usize(queries >> 1);
  const fours = usize(rows >> 2);
  capacity = rows;
  // The last row's last step is read whole.
  stagingAt = take(stagingBytes + stepBytes);
  fourAt = take(fours * usize(steps) * fourBytes);
  queriesAt = take(pairs * usize(steps) * pairBytes);
  termsAt = take(usize(rows) * 24);
  normsAt = take(each * 8);
  thresholdsAt = take(each * 8);
  countsAt = take(each * 4);
  keptScoresAt = take(each * usize(rows) * 8);
  keptRowsAt = take(each * usize(rows) * 4);
  const pages = i32((end + pageBytes - 1) / pageBytes) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
}

function take(bytes: usize): usize {
  const at = end;
  end += (bytes + lineBytes - 1) & ~(lineBytes - 1);
  return at;
}

/** Arranges float32 rows in fours. Behind a row's end lies the next one, which meets zeros. */
export function arrangeFloats(rows: i32): void {
  const rowBytes: usize = usize(dimensions) << 2;
  let to = fourAt;
  for (let row = 0; row < rows; row += 4) {
    let from: usize = stagingAt + usize(row) * rowBytes;
    for (let step = 0; step < steps; step++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from + rowBytes), 16);
      v128.store(to, v128.load(from + 2 * rowBytes), 32);
      v128.store(to, v128.load(from + 3 * rowBytes), 48);
      from += 16;
      to += floatFourBytes;
    }
  }
}

/** Arranges rows of bytes in fours, as {@link arrangeFloats}. */
export function arrangeBytes(rows: i32): void {
  const rowBytes: usize = usize(dimensions);
  let to = fourAt;
  for (let row = 0; row < rows; row += 4) {
    let from: usize = stagingAt + usize(row) * rowBytes;
    for (let step = 0; step < steps; step++) {
      store<u64>(to, load<u64>(from));
      store<u64>(to, load<u64>(from + rowBytes), 8);
      store<u64>(to, load<u64>(from + 2 * rowBytes), 16);
      store<u64>(to, load<u64>(from + 3 * rowBytes), 24);
      from += 8;
      to += byteFourBytes;
    }
  }
}

/** Scores float32 rows against all queries. */
export function scanFloats(rows: i32, queries: i32): void {
  for (let row = 0; row < rows; row += 4) {
    for (let query = 0; query < queries; query += 2) scanFloatFour(query, row);
  }
}

/** Scores rows of unsigned bytes against all queries. */
export function scanUnsigned(rows: i32, queries: i32): void {
  for (let row = 0; row < rows; row += 4) {
    for (let query = 0; query < queries; query += 2) scanByteFour<u8>(query, row);
  }
}

/** Scores rows of signed bytes against all queries. */
export function scanSigned(rows: i32, queries: i32): void {
  for (let row = 0; row < rows; row += 4) {
    for (let query = 0; query < queries; query += 2) scanByteFour<i8>(query, row);
  }
}

function scanFloatFour(query: i32, row: i32): void {
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let at = queriesAt + usize(query >> 1) * usize(steps) * pairBytes;
  let four = fourAt + usize(row >> 2) * usize(steps) * floatFourBytes;
  const last = at + usize(steps) * pairBytes;
  // One step a turn: V8 would load several steps ahead, and run out of registers.
  while (at < last) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    let x = v128.load(four);
    a0 = f32x4.relaxed_madd(a, x, a0);
    b0 = f32x4.relaxed_madd(b, x, b0);
    x = v128.load(four, 16);
    a1 = f32x4.relaxed_madd(a, x, a1);
    b1 = f32x4.relaxed_madd(b, x, b1);
    x = v128.load(four, 32);
    a2 = f32x4.relaxed_madd(a, x, a2);
    b2 = f32x4.relaxed_madd(b, x, b2);
    x = v128.load(four, 48);
    a3 = f32x4.relaxed_madd(a, x, a3);
    b3 = f32x4.relaxed_madd(b, x, b3);
    at += pairBytes;
    four += floatFourBytes;
  }
  const a01 = sumPairs<f32>(a0, a1);
  const a23 = sumPairs<f32>(a2, a3);
  const b01 = sumPairs<f32>(b0, b1);
  const b23 = sumPairs<f32>(b2, b3);
  score<f32>(query, row, joinPairs<f32>(a01, a23));
  score<f32>(query + 1, row, joinPairs<f32>(b01, b23));
}

function scanByteFour<T>(query: i32, row: i32): void {
  let a0 = i32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let at = queriesAt + usize(query >> 1) * usize(steps) * pairBytes;
  let four = fourAt + usize(row >> 2) * usize(steps) * byteFourBytes;
  const last = at + usize(steps) * pairBytes;
  while (at < last) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    let x = v128.load_ext<T>(four);
    a0 = i32x4.add(a0, i32x4.dot_i16x8_s(a, x));
    b0 = i32x4.add(b0, i32x4.dot_i16x8_s(b, x));
    x = v128.load_ext<T>(four, 8);
    a1 = i32x4.add(a1, i32x4.dot_i16x8_s(a, x));
    b1 = i32x4.add(b1, i32x4.dot_i16x8_s(b, x));
    x = v128.load_ext<T>(four, 16);
    a2 = i32x4.add(a2, i32x4.dot_i16x8_s(a, x));
    b2 = i32x4.add(b2, i32x4.dot_i16x8_s(b, x));
    x = v128.load_ext<T>(four, 24);
    a3 = i32x4.add(a3, i32x4.dot_i16x8_s(a, x));
    b3 = i32x4.add(b3, i32x4.dot_i16x8_s(b, x));
    at += pairBytes;
    four += byteFourBytes;
  }
  const a01 = sumPairs<i32>(a0, a1);
  const a23 = sumPairs<i32>(a2, a3);
  const b01 = sumPairs<i32>(b0, b1);
  const b23 = sumPairs<i32>(b2, b3);
  score<i32>(query, row, joinPairs<i32>(a01, a23));
  score<i32>(query + 1, row, joinPairs<i32>(b01, b23));
}

/** Lanes 0 and 2 of `a`, of `b`, then 1 and 3 of `a`, of `b`, each two added. */
function sumPairs<T>(a: v128, b: v128): v128 {
  return v128.add<T>(v128.shuffle<T>(a, b, 0, 4, 1, 5), v128.shuffle<T>(a, b, 2, 6, 3, 7));
}

/** The sums of all lanes of four vectors, from what `sumPairs` gave of the two and the two. */
function joinPairs<T>(ab: v128, cd: v128): v128 {
  return v128.add<T>(v128.shuffle<T>(ab, cd, 0, 1, 4, 5), v128.shuffle<T>(ab, cd, 2, 3, 6, 7));
}

/** Scores four rows from their dot products with a query, and keeps those above its threshold. */
function score<T>(query: i32, row: i32, dots: v128): void {
  const norm = v128.load64_splat(normsAt + (usize(query) << 3));
  const limit = v128.load64_splat(thresholdsAt + (usize(query) << 3));
  const terms = termsAt + (usize(row) << 3);
  const low = scoreTwo(widen<T>(dots), norm, terms);
  const high = scoreTwo(widen<T>(v128.shuffle<T>(dots, dots, 2, 3, 2, 3)), norm, terms + 16);
  const above = v128.or(f64x2.gt(low, limit), f64x2.gt(high, limit));
  if (!v128.any_true(above)) return;
  keep(query, row, f64x2.extract_lane(low, 0));
  keep(query, row + 1, f64x2.extract_lane(low, 1));
  keep(query, row + 2, f64x2.extract_lane(high, 0));
  keep(query, row + 3, f64x2.extract_lane(high, 1));
}

/** scale * dot + shift + slack * norm of two rows, whose terms lie at `terms`. */
function scoreTwo(dots: v128, norm: v128, terms: usize): v128 {
  const width = usize(capacity) << 3;
  const scaled = f64x2.mul(v128.load(terms), dots);
  const slack = f64x2.mul(v128.load(terms + 2 * width), norm);
  return f64x2.add(f64x2.add(scaled, v128.load(terms + width)), slack);
}

function widen<T>(dots: v128): v128 {
  if (isFloat<T>()) return f64x2.promote_low_f32x4(dots);
  return f64x2.convert_low_i32x4_s(dots);
}

function keep(query: i32, row: i32, value: f64): void {
  if (!(value > load<f64>(thresholdsAt + (usize(query) << 3)))) return;
  const countAt = countsAt + (usize(query) << 2);
  const count = load<i32>(countAt);
  const place = usize(query * capacity + count);
  store<f64>(keptScoresAt + (place << 3), value);
  store<i32>(keptRowsAt + (place << 2), row);
  store<i32>(countAt, count + 1);
}
