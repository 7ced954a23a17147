import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SampleSubject } from '../../../core/resources/sample.js';
import { Sampler } from '../../../core/resources/sampler.js';

const subject: SampleSubject = {
  label: { build: 'b', instance: 0, phase: 'baseline' },
  pids: [],
  hasNetwork: false,
};

function samplerOf(context: TestContext, program: string, withinMs?: number) {
  const warnings: string[] = [];
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const sampler = new Sampler({
    hz: 20,
    warn: (message) => warnings.push(message),
    program: url,
    ...(withinMs !== undefined && { withinMs }),
  });
  context.after(() => sampler.end());
  return { sampler, warnings };
}

test('a sample is taken at once of each thing that is looked at, none at rest', async (context) => {
  const warnings: string[] = [];
  const sampler = new Sampler({ hz: 0.2, warn: (message) => warnings.push(message) });
  context.after(() => sampler.end());
  sampler.watch(subject);
  sampler.watch({ ...subject, label: { ...subject.label, phase: 'build' } });
  const samples = await sampler.take();
  assert.deepEqual(
    samples.map(({ build, phase }) => [build, phase]),
    [
      ['b', 'baseline'],
      ['b', 'build'],
    ],
  );
  assert.deepEqual(await sampler.take(), []);
  assert.deepEqual(warnings, []);
});

test('a sampler that dies is told once, and nobody waits for it', async (context) => {
  const { sampler, warnings } = samplerOf(context, 'throw new Error("no files left")');
  sampler.watch(subject);
  assert.deepEqual(await sampler.take(), []);
  assert.deepEqual(await sampler.take(), []);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /the sampler failed.*no files left/);
});

test('a sampler that does not answer is given up', async (context) => {
  const { sampler, warnings } = samplerOf(context, 'setInterval(() => 0, 1000)', 20);
  assert.deepEqual(await sampler.take(), []);
  assert.match(warnings[0] ?? '', /does not answer/);
});
