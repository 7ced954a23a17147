import type { Form, Scenario } from './scenario.js';
import { classicPair } from './scenarios/classic.js';
import { furtherOverHttp, overHttp } from './scenarios/http.js';
import { furtherInProcess, inProcess } from './scenarios/in-process.js';

const short = { warmUpS: 0.1, durationS: 0.4 };
const full = { warmUpS: 0.5, durationS: 4 };

/** The scenarios of a form, in the order of playing. */
export function scenariosOf(form: Form): readonly Scenario[] {
  if (form === 'short') return [...inProcess(short), ...overHttp(short), ...classicPair(form)];
  return [
    ...inProcess(full),
    ...furtherInProcess(full),
    ...overHttp(full),
    ...furtherOverHttp(full),
    ...classicPair(form),
  ];
}
