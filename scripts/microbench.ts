import { againstPython, hostOverhead } from './microbench/faiss.js';
import { closedLoop, memoryOfMany, openLoads, recording } from './microbench/harness.js';
import { againstAutocannon } from './microbench/http.js';
import { loading } from './microbench/loading.js';
import { nodeHost } from './microbench/node-host.js';
import { truthKernel } from './microbench/truth.js';

await recording();
await closedLoop();
await openLoads();
await againstAutocannon();
await memoryOfMany();
await hostOverhead();
await nodeHost();
await againstPython();
await loading();
await truthKernel();
