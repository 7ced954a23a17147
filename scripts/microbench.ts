import { againstPython, hostOverhead } from './microbench/faiss.js';
import { closedLoop, memoryOfMany, openLoads, recording } from './microbench/harness.js';
import { nativeTools } from './microbench/http.js';
import { loading } from './microbench/loading.js';
import { nodeHost } from './microbench/node-host.js';
import { samplerCost } from './microbench/sampler.js';
import { truthKernel } from './microbench/truth.js';

await recording();
await closedLoop();
await openLoads();
await nativeTools();
await memoryOfMany();
await hostOverhead();
await nodeHost();
await againstPython();
await loading();
await truthKernel();
await samplerCost();
