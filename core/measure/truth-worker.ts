import { workerData } from 'node:worker_threads';
import type { TruthJob } from './truth-job.js';
import { searchTruth } from './truth-search.js';

searchTruth(workerData as TruthJob);
