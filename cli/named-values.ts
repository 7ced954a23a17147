import { switchedOn } from '../core/switched-on.js';

/** Parameters as `name=value`, a text each; those that are switched off are left out. */
export function namedValues(values: Readonly<Record<string, unknown>>): string[] {
  return switchedOn(values).map(([name, value]) => `${name}=${String(value)}`);
}
