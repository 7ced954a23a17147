import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pgvectorOptions, serverAddress } from '../../../adapters/pgvector/options.js';
import pgvector from '../../../adapters/pgvector.js';
import { clientOptions, parseOptions } from '../../../adapters/redis/options.js';
import redis from '../../../adapters/redis.js';
import { pgAddress, pgPlaceOf } from '../../../core/calibrate/stores/pg-client.js';
import { redisAddress, redisPlaceOf } from '../../../core/calibrate/stores/redis-client.js';

// What the adapters make of the same options is expected.

const redisOptions: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { index: 'search' },
  { url: 'redis://127.0.0.1' },
  { url: 'redis://me:sec%40ret@[::1]:7000/3' },
  { url: 'redis://127.0.0.1:1/3', database: 4, user: 'other', password: 'more' },
  { url: 'rediss://127.0.0.1:1' },
  { url: 'redis://127.0.0.1:1', tls: { insecure: true, servername: 'name' } },
];

test('a Redis server is reached as the adapter reaches it', () => {
  for (const given of redisOptions) {
    const place = redisPlaceOf({ adapter: redis, options: given });
    const { host, port, db, username, password, tls } = clientOptions(parseOptions(given), 1);
    const address = redisAddress(place);
    const { host: ownHost, port: ownPort, db: ownDb } = address;
    assert.deepEqual([ownHost, ownPort, ownDb], [host, port, db]);
    assert.deepEqual([address.username, address.password], [username, password]);
    assert.deepEqual(address.tls, tls);
    assert.deepEqual(place.npm, redis.install?.npm);
  }
});

const pgOptions: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { url: 'postgres://127.0.0.1' },
  { url: 'postgresql://me:sec%40ret@[::1]:7000/films?sslmode=require' },
  { url: 'postgres://127.0.0.1:1/films', user: 'other', password: 'more' },
  { url: 'postgres://127.0.0.1', tls: { insecure: true } },
];

test('a PostgreSQL server is reached as the adapter reaches it', () => {
  for (const given of pgOptions) {
    const place = pgPlaceOf({ adapter: pgvector, options: given });
    assert.deepEqual(pgAddress(place), serverAddress(pgvectorOptions.parse(given)));
    assert.deepEqual(place.npm, pgvector.install?.npm);
  }
});
