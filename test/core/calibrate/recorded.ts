/** What wrk 4.1.0 printed of a server that answered all. */
export const wrkGood = `Running 1s test @ http://127.0.0.1:18765/search?row=0&k=10
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    72.54us  285.49us   4.58ms   98.14%
    Req/Sec    46.29k     2.87k   48.43k    80.00%
  Latency Distribution
     50%   33.00us
     75%   51.00us
     90%   52.00us
     99%    1.42ms
  45967 requests in 1.00s, 1.75MB read
Requests/sec:  45958.96
Transfer/sec:      1.75MB
`;

/** Of one that answered every hundredth with status 500. */
export const wrkRefused = `Running 1s test @ http://127.0.0.1:18766/x
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   483.33us    1.89ms  21.42ms   95.98%
    Req/Sec    38.59k    19.05k   59.92k    63.64%
  Latency Distribution
     50%   82.00us
     75%  151.00us
     90%  423.00us
     99%   11.87ms
  42134 requests in 1.10s, 4.99MB read
  Non-2xx or 3xx responses: 421
Requests/sec:  38323.25
Transfer/sec:      4.54MB
`;

/** Of one that reset a connection every now and then. */
export const wrkReset = `Running 1s test @ http://127.0.0.1:18766/x
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    91.56us  258.77us   6.08ms   96.78%
    Req/Sec    64.47k    16.15k   86.41k    72.73%
  Latency Distribution
     50%   43.00us
     75%   78.00us
     90%  124.00us
     99%    1.04ms
  70453 requests in 1.10s, 2.69MB read
  Socket errors: connect 0, read 1437, write 0, timeout 0
Requests/sec:  64086.52
Transfer/sec:      2.44MB
`;

/** The first lines of what `wrk -v` printed on Debian 12. */
export const wrkSaysVersion = `wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer
Usage: wrk <options> <url>                            
  Options:                                            
`;

/** What autocannon 8.0.0 gave, as JSON, of a server that answered one in a hundred with 500. */
export const autocannonRefused = `{"url":"http://127.0.0.1:18766/x","connections":4,"sampleInt":100,
"pipelining":1,"duration":0.51,"samples":5,"start":"2026-11-21T22:04:46.652Z",
"finish":"2026-11-21T22:04:47.162Z","errors":0,"timeouts":0,"mismatches":0,"non2xx":82,"resets":0,
"1xx":0,"2xx":8139,"3xx":0,"4xx":0,"5xx":82,
"latency":{"average":0.08,"mean":0.08,"stddev":0.43,"min":1,"max":10,"p50":0,"p75":0,"p90":0,
"p97_5":1,"p99":2,"p99_9":5,"totalCount":8221},
"requests":{"average":1644.4,"mean":1644.4,"stddev":1160.73,"min":607,"max":3364,"total":8221,
"p50":910,"p99":3365,"sent":8225}}`;

const redisBenchmarkNames =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms",' +
  '"p95_latency_ms","p99_latency_ms","max_latency_ms"\n';
const redisBenchmarkValues =
  '"GET bench_cali_rec:__rand_int__","58823.53","0.051","0.016","0.039",' +
  '"0.103","0.231","0.855"\n';

/** What redis-benchmark 8.0.2 printed of `GET bench_cali_rec:__rand_int__ --csv --precision 3`. */
export const redisBenchmarkGood = redisBenchmarkNames + redisBenchmarkValues;

/** Of a server that refused the command; the reason was on stderr, and the exit code 1. */
export const redisBenchmarkRefused = redisBenchmarkNames;

/** What pgbench 17.11 printed of a custom script that was typed to it. */
export const pgbenchGood = `pgbench (17.11 (Debian 17.11-0+deb13u1))
transaction type: -
scaling factor: 1
query mode: prepared
number of clients: 4
number of threads: 1
maximum number of tries: 1
duration: 1 s
number of transactions actually processed: 33341
number of failed transactions: 0 (0.000%)
latency average = 0.119 ms
initial connection time = 13.261 ms
tps = 33628.150780 (without initial connection time)
`;

/** Of a table that was not there; the exit code was 2. */
export const pgbenchAborted = `pgbench (17.11 (Debian 17.11-0+deb13u1))
transaction type: -
scaling factor: 1
query mode: prepared
number of clients: 4
number of threads: 1
maximum number of tries: 1
duration: 1 s
number of transactions actually processed: 0
number of failed transactions: 0 (NaN%)
`;

/** The example of the manual of PostgreSQL 13, with the two rates that it had. */
export const pgbenchThirteen = `transaction type: <builtin: TPC-B (sort of)>
scaling factor: 10
query mode: simple
number of clients: 10
number of threads: 1
number of transactions per client: 1000
number of transactions actually processed: 10000/10000
latency average = 11.013 ms
latency stddev = 7.351 ms
tps = 896.967014 (including connections establishing)
tps = 898.549610 (excluding connections establishing)
`;
