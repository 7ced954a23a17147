import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../core/paths.js';
import { type Double, qdrantDouble } from '../doubles/qdrant/server.js';

interface Recorded {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: {
    readonly status: number;
    readonly contentType: string;
    readonly body: unknown;
  };
}

// Recorded between the official client and a Qdrant 1.18.3: what the adapter asks for.
const file = join(packageRoot(), 'test', 'fixtures', 'qdrant-1.18.3.jsonl');
const recorded = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const withKey = recorded.filter(({ name }) => name.includes('no API key'));
const withoutKey = recorded.filter((one) => !withKey.includes(one));

async function replay(double: Double, { request, response }: Recorded): Promise<void> {
  const { method, path, body } = request;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(double.url + path, {
    method,
    ...(text !== '' && { body: text, headers: { 'content-type': 'application/json' } }),
  });
  const came = await answer.text();
  assert.equal(answer.status, response.status, came);
  assert.equal(answer.headers.get('content-type'), response.contentType);
  if (typeof response.body === 'string') assert.equal(came, response.body);
  else sameShape(JSON.parse(came), response.body, 'body');
}

/** Numbers may differ in the last digits of a float32; times and the commit in everything. */
function sameShape(came: unknown, wanted: unknown, place: string): void {
  assert.equal(typeof came, typeof wanted, place);
  if (place === 'body.time' || place === 'body.commit') return;
  if (typeof wanted === 'number') {
    const off = Math.abs((came as number) - wanted);
    assert.ok(Number.isInteger(wanted) ? off === 0 : off < 1e-6, `${place}: ${came}, ${wanted}`);
  } else if (typeof wanted === 'object' && wanted !== null) {
    assert.ok(typeof came === 'object' && came !== null, place);
    assert.equal(Array.isArray(came), Array.isArray(wanted), place);
    assert.deepEqual(Object.keys(came).sort(), Object.keys(wanted).sort(), place);
    for (const [key, value] of Object.entries(wanted)) {
      sameShape((came as Record<string, unknown>)[key], value, `${place}.${key}`);
    }
  } else {
    assert.equal(came, wanted, place);
  }
}

test('the double of Qdrant answers as Qdrant 1.18.3 was recorded to', async (context) => {
  const double = await qdrantDouble(context);
  assert.ok(withoutKey.length > 30);
  for (const exchange of withoutKey) {
    await context.test(exchange.name, () => replay(double, exchange));
  }
});

test('the double of Qdrant refuses who gives no key as Qdrant 1.18.3 does', async (context) => {
  const double = await qdrantDouble(context, { apiKey: 'secret' });
  assert.equal(withKey.length, 1);
  for (const exchange of withKey) await replay(double, exchange);
});
