import { timestamp } from '../clock.js';
import { LoadCrew } from '../load/crew.js';
import { describeLoad } from '../load/phases.js';
import { describeEnvironment } from '../measure/environment.js';
import type { Target } from '../plan.js';
import type { Progress } from '../progress.js';
import type { Note } from '../result.js';
import { type Attempts, playUntilRight } from './attempts.js';
import { checkClassic, checkScenario } from './check.js';
import { expectedOf } from './expectation.js';
import { type Measured, measuredOf } from './measured.js';
import { type Played, play } from './play.js';
import type { Check, PlayedScenario, Selftest } from './result.js';
import { selftestSchemaName } from './result.js';
import type { Form, Scenario, StoreName } from './scenario.js';
import { classic, classicStallMs } from './scenarios/classic.js';
import { scenariosOf } from './scenarios.js';

/** What a self-test needs. */
export interface SelftestInput {
  readonly form: Form;
  /** The null stores. */
  readonly targets: Readonly<Record<StoreName, Target>>;
  readonly cacheFolder: string;
  readonly command: readonly string[];
  readonly tool: Selftest['tool'];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Lets the harness measure stores of known behaviour and compares its figures with what they noted
 * themselves. Where only times are off the scenario is played again, see {@link playUntilRight}.
 *
 * @throws BenchError when a null store cannot be opened
 */
export async function selftest(input: SelftestInput): Promise<Selftest> {
  const { form, progress, command, tool } = input;
  const startedAt = timestamp();
  const scenarios = scenariosOf(form);
  const crew = new LoadCrew();
  const shown: PlayedScenario[] = [];
  const checks: Check[] = [];
  const measured = new Map<string, Measured>();
  try {
    await play(rehearsal, { ...input, crew, runId: 'selftest' });
    progress.phase('selftest', scenarios.length);
    for (const [index, scenario] of scenarios.entries()) {
      progress.update(index, scenario.name);
      const { last, ...tried } = await playUntilRight(async () => {
        const played = await play(scenario, { ...input, crew, runId: 'selftest' });
        const figures = measuredOf(played);
        return { played, figures, checks: checksOf(played, figures) };
      });
      measured.set(scenario.name, last.figures);
      shown.push(shownOf(last.played, tried));
      checks.push(...last.checks);
    }
  } finally {
    progress.end();
    await crew.close();
  }
  checks.push(
    checkClassic({
      scenario: classic.closed,
      openMs: measured.get(classic.open)?.responseMs.p99,
      closedMs: measured.get(classic.closed)?.serviceMs.p99,
      stallMs: classicStallMs[form],
    }),
  );
  return {
    schema: selftestSchemaName,
    form,
    startedAt,
    finishedAt: timestamp(),
    command: [...command],
    tool,
    environment: describeEnvironment(),
    right: checks.filter(({ ok }) => ok).length,
    checked: checks.length,
    scenarios: shown,
    checks,
  };
}

/** Lets the client's code be compiled, so that every warm-up is as long as it says. */
const rehearsal: Scenario = {
  name: 'rehearsal',
  title: 'not judged',
  store: 'null',
  options: { law: 'constant', medianMs: 1 },
  load: { kind: 'closed', concurrency: 4 },
  workers: 2,
  pacer: 'sleep',
  warmUpS: 0,
  durationS: 0.2,
  timeoutS: 10,
  recall: 1,
};

/** A scenario that was not measured in full is one check that is off. */
function checksOf(played: Played, figures: Measured): readonly Check[] {
  const { scenario, finished, log } = played;
  const whole: Check = {
    scenario: scenario.name,
    figure: 'measured and logged in full',
    unit: 'requests',
    expected: log.entries.length + log.lost,
    measured: log.entries.filter(({ endedNs }) => endedNs > 0).length,
    allowed: 0,
    ok: false,
  };
  const expected = expectedOf(played, figures);
  const ok = finished.cell.status === 'complete' && whole.measured === whole.expected;
  if (!ok || expected === undefined) return [whole];
  return [{ ...whole, ok }, ...checkScenario(scenario, expected, figures)];
}

function shownOf(
  { scenario, finished, log }: Played,
  { attempts, disturbed }: Omit<Attempts<unknown>, 'last'>,
): PlayedScenario {
  const { name, title, store, workers, pacer, durationS } = scenario;
  const { cell } = finished;
  const load = cell.streams[0]?.load;
  const failure: Note[] = cell.failure === undefined ? [] : [cell.failure];
  return {
    name,
    title,
    store,
    load: load === undefined ? scenario.load.kind : describeLoad(load),
    workers,
    pacer,
    durationS,
    requests: log.entries.length,
    attempts,
    disturbed: [...disturbed],
    invalid: [...cell.invalid, ...failure],
  };
}
