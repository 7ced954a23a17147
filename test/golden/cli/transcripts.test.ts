import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { packageRoot } from '../../../core/paths.js';
import { callBench } from '../../cli/bench-call.js';
import { runBench, tinyRun } from '../../cli/bench-process.js';

/**
 * A transcript is a text: `# what it shows`, `$ NAME=value bench arguments`, stdout, stderr with
 * `! ` before each line, and `exit code N`. FOLDER stands for a folder that holds a file `file`
 * and a finished run `held`; RUN for the id of that run.
 */
interface Transcript {
  readonly title: string;
  readonly command: string;
  readonly text: string;
}

const stored = join(packageRoot(), 'test', 'golden', 'cli');
const folder = mkdtempSync(join(tmpdir(), 'bench-golden-'));

before(async () => {
  writeFileSync(join(folder, 'file'), 'a regular file\n');
  mkdirSync(join(folder, 'empty'));
  const { code, stderr } = await callBench([...tinyRun, '--out', 'held', '--quiet'], { folder });
  assert.equal(code, 0, stderr);
});

after(() => rmSync(folder, { recursive: true }));

function parse(text: string): Transcript[] {
  const parts = text.split(/^# /m).slice(1);
  return parts.map((part) => {
    const [title = '', command = ''] = part.split('\n');
    return { title, command: command.replace(/^\$ /, ''), text: `# ${part.trimEnd()}` };
  });
}

/** Plays a transcript by a `bench` in this process, or in one of its own. */
async function play({ title, command }: Transcript, bench: typeof runBench): Promise<string> {
  const words = command.replaceAll('FOLDER', folder).split(' ');
  const at = words.indexOf('bench');
  const env = Object.fromEntries(words.slice(0, at).map((word) => word.split('=', 2)));
  const { code, stdout, stderr } = await bench(words.slice(at + 1), { folder, env });
  const marked = stderr.replace(/^(?=.)/gm, '! ');
  const said = `${stdout}${marked}`
    .replaceAll(folder, 'FOLDER')
    .replaceAll(/\d{8}-\d{6}-smoke-[0-9a-f]{4}/g, 'RUN')
    .trimEnd();
  return [`# ${title}`, `$ ${command}`, ...(said === '' ? [] : [said]), `exit code ${code}`].join(
    '\n',
  );
}

for (const name of readdirSync(stored).filter((each) => each.endsWith('.txt'))) {
  const path = join(stored, name);
  const transcripts = parse(readFileSync(path, 'utf8'));
  const played: string[] = [];
  for (const [index, transcript] of transcripts.entries()) {
    // What a call is of a process is seen by the first of each file, and by what has variables.
    const needsProcess = index === 0 || !transcript.command.startsWith('bench');
    test(transcript.title, async () => {
      const text = await play(transcript, needsProcess ? runBench : callBench);
      played.push(text);
      if (process.env.BENCH_UPDATE_GOLDEN === '1') return;
      assert.equal(text, transcript.text, `${name}: update with BENCH_UPDATE_GOLDEN=1`);
    });
  }
  after(() => {
    if (process.env.BENCH_UPDATE_GOLDEN !== '1') return;
    writeFileSync(path, `${played.join('\n\n')}\n`);
  });
}
