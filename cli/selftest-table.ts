import type { Check, PlayedScenario, Selftest } from '../core/selftest/result.js';
import { formatNumber } from '../core/units.js';
import { formatTable } from './table.js';

const columns = [
  { title: 'scenario' },
  { title: 'store' },
  { title: 'load' },
  { title: 'workers', right: true },
  { title: 'requests', right: true },
  { title: 'right', right: true },
  { title: 'largest difference' },
  { title: 'expected', right: true },
  { title: 'measured', right: true },
  { title: 'allowed', right: true },
];

/** A self-test as a person reads it: one row a scenario, then whatever is off, then the sum. */
export function formatSelftest(found: Selftest): string {
  const { scenarios, checks, right, checked } = found;
  const table = formatTable(
    columns,
    scenarios.map((scenario) => rowOf(scenario, checks)),
  );
  const lines = [
    ...scenarios.flatMap(({ disturbed }) => disturbed.map((check) => offLine(check, 'again'))),
    ...checks.filter(({ ok }) => !ok).map((check) => offLine(check, 'off')),
    ...checks.filter(({ unit }) => unit === 'times').map(classicLine),
    ...scenarios.flatMap(invalidLines),
    `${right} of ${checked} checks are right`,
  ];
  return `${table}\n${lines.join('\n')}\n`;
}

function rowOf(scenario: PlayedScenario, checks: readonly Check[]): string[] {
  const own = checks.filter((check) => check.scenario === scenario.name);
  const worst = worstOf(own);
  const pacer = scenario.pacer === 'spin' ? ', spin' : '';
  return [
    scenario.name,
    scenario.store,
    `${scenario.load}${pacer}`,
    `${scenario.workers}`,
    formatNumber(scenario.requests),
    `${own.filter(({ ok }) => ok).length} of ${own.length}`,
    ...(worst === undefined ? ['', '', '', ''] : figuresOf(worst)),
  ];
}

/** The time that uses up most of what it is allowed. */
function worstOf(checks: readonly Check[]): Check | undefined {
  const times = checks.filter(
    ({ unit, difference, low }) => unit === 'ms' && difference !== undefined && low === undefined,
  );
  const share = ({ difference = 0, allowed }: Check): number => Math.abs(difference) / allowed;
  return times.sort((a, b) => share(b) - share(a))[0];
}

function figuresOf({ figure, expected, measured = Number.NaN, allowed }: Check): string[] {
  return [figure, `${ms(expected)} ms`, `${ms(measured)} ms`, `${ms(allowed)} ms`];
}

function ms(value: number): string {
  return value.toFixed(2);
}

/** `off`, or of what was played again because of it `again`. */
function offLine(check: Check, word: string): string {
  const { scenario, figure, measured, unit } = check;
  const got = measured === undefined ? 'nothing' : `${measured}`;
  return `${word}: ${scenario}: ${figure}: expected ${wanted(check)} ${unit}, measured ${got}`;
}

function wanted({ expected, low, high, allowed }: Check): string {
  if (low !== undefined && high !== undefined) return `${low}..${high}`;
  if (low !== undefined) return `at least ${low}`;
  return allowed === 0 ? `${expected}` : `${expected} within ${allowed}`;
}

function classicLine({ measured }: Check): string {
  const times = measured === undefined ? 'unknown' : formatNumber(measured);
  return `a closed loop hides a stall: the p99 that users wait is ${times} times what it says`;
}

function invalidLines({ name, invalid }: PlayedScenario): string[] {
  return invalid.map(({ message }) => `a run would not use ${name}: ${message}`);
}
