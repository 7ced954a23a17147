import type { Form, Scenario } from '../scenario.js';
import { closed, open, plain } from './parts.js';

/** The names of the two scenarios of which one hides what the other shows. */
export const classic = { open: 'classic-open', closed: 'classic-closed' } as const;

/** How long the store of the classic case stalls, milliseconds. */
export const classicStallMs = { full: 1000, short: 300 } as const;

/** 2,000 requests a second and one stall: every user that came meanwhile waited. */
export function classicPair(form: Form): Scenario[] {
  const short = form === 'short';
  const times = { warmUpS: short ? 0.1 : 0.5, durationS: short ? 0.8 : 5 };
  const stalls = [{ atMs: short ? 250 : 1500, forMs: classicStallMs[form] }];
  const options = { law: 'constant', medianMs: 1 };
  const common = { ...plain, ...times, stalls, options, store: 'null' } as const;
  const stall = `one stall of ${classicStallMs[form]} ms`;
  return [
    { ...common, name: classic.open, title: `2,000/s, ${stall}`, load: open(2000) },
    { ...common, name: classic.closed, title: `one caller, ${stall}`, load: closed(1) },
  ];
}
