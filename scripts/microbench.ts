import { againstPython, hostOverhead } from './microbench/faiss.js';
import { closedLoop, memoryOfMany, openLoads, recording } from './microbench/harness.js';
import { againstAutocannon } from './microbench/http.js';

await recording();
await closedLoop();
await openLoads();
await againstAutocannon();
await memoryOfMany();
await hostOverhead();
await againstPython();
