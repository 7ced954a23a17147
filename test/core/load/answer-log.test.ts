import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerLog, type AnswerLogOptions } from '../../../core/load/answer-log.js';

const options: AnswerLogOptions = { k: 2, batch: 1, queries: 100, maxJudged: undefined, seed: 1 };

test('a record is the query and its ids, -1 where fewer came', () => {
  const log = new AnswerLog({ ...options, k: 3 });
  log.add(4, Int32Array.of(9, 8, 7));
  log.add(5, Int32Array.of(6));
  assert.deepEqual([...log.records()], [4, 9, 8, 7, 5, 6, -1, -1]);
});

test('of more than k ids only the first k are kept', () => {
  const log = new AnswerLog(options);
  log.add(0, Int32Array.of(1, 2, 3, 4));
  assert.deepEqual([...log.records()], [0, 1, 2]);
});

test('a batch gives a record a query and goes on at the beginning of the file', () => {
  const log = new AnswerLog({ ...options, k: 1, batch: 3, queries: 4 });
  log.add(3, Int32Array.of(30, 0, 10));
  assert.deepEqual([...log.records()], [3, 30, 0, 0, 1, 10]);
});

test('without a limit every record is kept, however many come', () => {
  const log = new AnswerLog(options);
  const count = 70_000;
  for (let record = 0; record < count; record++) {
    log.add(record % 100, Int32Array.of(record, -1));
  }
  const records = log.records();
  assert.equal(records.length, 3 * count);
  for (const record of [0, 65_535, 65_536, count - 1])
    assert.equal(records[3 * record + 1], record);
});

test('up to its limit a log keeps everything', () => {
  const log = new AnswerLog({ ...options, maxJudged: 5 });
  for (let query = 0; query < 5; query++) log.add(query, Int32Array.of(query, -1));
  assert.equal(log.records().length, 15);
  assert.equal(new AnswerLog({ ...options, maxJudged: 5 }).records().length, 0);
});

test('above its limit every answer is kept with the same probability', () => {
  const [kept, answers, logs] = [10, 100, 1000];
  const counts = new Array<number>(answers).fill(0);
  for (let seed = 0; seed < logs; seed++) {
    const log = new AnswerLog({ k: 1, batch: 1, queries: 100, maxJudged: kept, seed });
    for (let query = 0; query < answers; query++) log.add(query, Int32Array.of(query));
    const records = log.records();
    assert.equal(records.length, 2 * kept);
    for (let at = 0; at < records.length; at += 2) {
      const query = records[at] as number;
      assert.equal(records[at + 1], query);
      counts[query] = (counts[query] as number) + 1;
    }
  }
  // Each answer is kept 100 times of 1000; the variance of its count is 1000 x 0.1 x 0.9.
  const chiSquare = counts.reduce((sum, count) => sum + (count - 100) ** 2 / 90, 0);
  // 0.999 quantile of chi-square with 99 degrees of freedom (table): 148.2.
  assert.ok(chiSquare < 148.2, `chi-square ${chiSquare}`);
});

test('a seed keeps the same answers each time', () => {
  const keptBy = (seed: number): number[] => {
    const log = new AnswerLog({ ...options, k: 1, maxJudged: 4, seed });
    for (let query = 0; query < 100; query++) log.add(query, Int32Array.of(query));
    return [...log.records()];
  };
  assert.deepEqual(keptBy(9), keptBy(9));
  assert.notDeepEqual(keptBy(9), keptBy(10));
});
