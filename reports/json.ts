import type { Report } from '../core/report.js';

/** The run document itself, for programs: one object, or an array of several runs. */
const report: Report = {
  title: 'The stored result (schema bench.run/1), indented',
  extension: 'json',
  render(runs) {
    const content = runs.length === 1 ? runs[0] : runs;
    return Promise.resolve(Buffer.from(`${JSON.stringify(content, null, 2)}\n`, 'utf8'));
  },
};

export default report;
