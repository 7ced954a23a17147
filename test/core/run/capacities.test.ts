import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlo } from '../../../core/capacity/slo.js';
import { withFolder } from '../../cli/bench-process.js';
import { runSmall } from './small-run.js';

const streams = [
  { operation: 'search' as const, k: 10, load: [{ kind: 'open' as const, rateQps: 1 }] },
];

test('an NDCG that the data cannot tell is refused before anything is measured', () =>
  withFolder((folder) => {
    const capacity = { slo: parseSlo('ndcg>=0.5'), budgetS: 10, tune: [] };
    return assert.rejects(runSmall({ folder, suite: { streams }, input: { capacity } }), {
      code: 'BAD_ARGUMENT',
      message: '--slo: ndcg>=0.5 cannot be measured: small has no relevance judgments',
    });
  }));
