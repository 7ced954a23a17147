/** Named values without those that are off (`false`, `'off'`): what is not done needs no words. */
export function switchedOn<T>(values: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(values).filter(([, value]) => value !== false && value !== 'off');
}
