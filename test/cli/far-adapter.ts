/** The address that stands for one elsewhere: of the documentation (RFC 5737), nobody has it. */
export const farAddress = '203.0.113.7';

/**
 * The null store as an adapter file that says that it is elsewhere, and works here. It notes every
 * probe, connection, insert and search in a file, a line each.
 */
export function farAdapter(): string {
  const url = new URL('../../adapters/null.js', import.meta.url).href;
  return `import { appendFileSync } from 'node:fs';
import store from ${JSON.stringify(url)};
const validate = ({ url = 'http://${farAddress}:6333', ...others }) =>
  ({ value: { url, ...others } });
export default {
  ...store,
  kind: 'server',
  inProcess: undefined,
  options: { '~standard': { version: 1, vendor: 'own', validate } },
  async probe({ log }) {
    appendFileSync(log, 'probe\\n');
    return { works: true, detail: 'it is here' };
  },
  async connect({ log }, context) {
    const note = (what) => appendFileSync(log, what + '\\n');
    note('connect');
    const open = await store.connect(store.options.parse({}), context);
    const { vectors } = open;
    const counted = (name) => (prepared) => {
      note(name);
      return vectors[name](prepared);
    };
    const names = ['upsert', 'search', 'searchBatch'];
    const all = Object.fromEntries(names.map((name) => [name, counted(name)]));
    return { ...open, vectors: { ...vectors, ...all } };
  },
};
`;
}
