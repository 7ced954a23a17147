export type * from './adapter.js';
export type * from './dataset.js';
export { BenchError, type ErrorCode } from './errors.js';
export type { Report } from './report.js';
export { type Run, runSchema } from './result.js';
export type { StandardSchema } from './standard-schema.js';
export { type Suite, suiteSchema } from './suite.js';
export * from './vectors.js';
