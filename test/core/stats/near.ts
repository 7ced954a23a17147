import assert from 'node:assert/strict';

/** That a number is the expected one, but for the tolerance. */
export function assertNear(found: number | undefined, expected: number, tolerance: number): void {
  const near = found !== undefined && Math.abs(found - expected) <= tolerance;
  assert.ok(near, `got ${found}, expected ${expected} +- ${tolerance}`);
}
