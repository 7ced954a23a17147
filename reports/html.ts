import type { Report } from '../core/report.js';
import { renderPage } from './html/page.js';

/** One self-contained page for people: verdict, charts, tables, and what every figure means. */
const report: Report = {
  title: 'Self-contained HTML page: verdict, charts, tables, definitions',
  extension: 'html',
  async render(runs) {
    return Buffer.from(await renderPage(runs), 'utf8');
  },
};

export default report;
