#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { ready } from './setup.mjs';

await ready;
const main = new URL('../dist/cli/main.js', import.meta.url);
process.argv[1] = fileURLToPath(main);
await import(main.href);
