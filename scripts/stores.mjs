import { runStores } from './stores/command.mjs';

process.exitCode = await runStores(process.argv.slice(2));
