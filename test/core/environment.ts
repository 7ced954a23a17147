import type { TestContext } from 'node:test';

/** Sets variables of the environment until the end of a test; undefined takes one away. */
export function setEnvironment(
  context: TestContext,
  variables: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (to: string | undefined): void => {
      if (to === undefined) delete process.env[name];
      else process.env[name] = to;
    };
    set(value);
    context.after(() => set(before));
  }
}
