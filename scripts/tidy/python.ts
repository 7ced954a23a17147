import { limits, lineCount, longLines } from './sizes.js';
import type { Finding } from './source.js';

/** Files, functions and lines of Python over the limits, and comments that announce work. */
export function pythonSizes(path: string, text: string): readonly Finding[] {
  return [
    ...longLines(path, text),
    ...longFile(path, text),
    ...longFunctions(path, text.split('\n')),
    ...unfinishedComments(path, text.split('\n')),
  ];
}

function longFile(path: string, text: string): readonly Finding[] {
  const lines = lineCount(text);
  if (lines <= limits.sourceLines) return [];
  const message = `${lines} lines, at most ${limits.sourceLines}`;
  return [{ path, line: limits.sourceLines + 1, rule: 'file-length', message }];
}

function longFunctions(path: string, lines: readonly string[]): readonly Finding[] {
  return lines.flatMap((line, index) => {
    const head = /^(\s*)(?:async )?def (\w+)/.exec(line);
    if (head === null) return [];
    const length = functionLength(lines.slice(index), (head[1] ?? '').length);
    if (length <= limits.functionLines) return [];
    const message = `${head[2]} has ${length} lines, at most ${limits.functionLines}`;
    return [{ path, line: index + 1, rule: 'function-length', message }];
  });
}

/** Lines from the head to the last that is indented further; a closing `)` belongs to the head. */
function functionLength(lines: readonly string[], indent: number): number {
  let last = 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    const isInside = line.search(/\S/) > indent || line.trimStart().startsWith(')');
    if (!isInside) break;
    last = index;
  }
  return last + 1;
}

function unfinishedComments(path: string, lines: readonly string[]): readonly Finding[] {
  return lines.flatMap((line, index) => {
    const word = /#.*\b(TODO|FIXME)\b/.exec(line)?.[1];
    if (word === undefined) return [];
    return [{ path, line: index + 1, rule: 'comment', message: `${word} in a comment` }];
  });
}
