import { workerData } from 'node:worker_threads';
import { searchTruth, type TruthJob } from './truth-search.js';

searchTruth(workerData as TruthJob);
