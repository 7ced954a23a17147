import ts from 'typescript';
import { type Finding, findingAt, isTest, nodesOf, type Source } from './source.js';

const clockFiles = ['core/clock.ts', 'core/random.ts'];
const clockNames = ['Date.now', 'performance.now', 'process.hrtime', 'Math.random'];
const testCalls = ['test', 'it', 'describe', 'suite', 't', 'context'];
const leavingOut = ['skip', 'only', 'todo'];
const unfinished = /\b(TODO|FIXME)\b/;
const silencer = /@ts-(ignore|nocheck)\b/;

/** Each `any`. */
export function looseTypes(source: Source): readonly Finding[] {
  return [...nodesOf(source.tree)]
    .filter(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)
    .map((node) =>
      findingAt(source, node, { rule: 'any', message: 'use unknown, or the type that it is' }),
    );
}

/** Comments that silence the compiler or announce work. */
export function unfinishedComments(source: Source): readonly Finding[] {
  return commentsOf(source).flatMap(({ position, text }) => {
    const word = unfinished.exec(text)?.[0] ?? silencer.exec(text)?.[0];
    if (word === undefined) return [];
    return [findingAt(source, position, { rule: 'comment', message: `${word} in a comment` })];
  });
}

/** Time and randomness that are not arguments. */
export function clockUses(source: Source): readonly Finding[] {
  if (isTest(source) || source.room === 'scripts' || clockFiles.includes(source.path)) return [];
  return [...nodesOf(source.tree)].flatMap((node) => {
    const use = clockUse(node);
    if (use === undefined) return [];
    return [
      findingAt(source, node, {
        rule: 'clock',
        message: `${use} outside of ${clockFiles.join(' and ')}`,
      }),
    ];
  });
}

function clockUse(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node)) {
    const isNow = node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0;
    return isNow ? 'new Date()' : undefined;
  }
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const name = node.getText();
  return clockNames.find((each) => name === each || name === `globalThis.${each}`);
}

/** Tests that are left out, or leave out others. */
export function leftOutTests(source: Source): readonly Finding[] {
  if (!isTest(source)) return [];
  return [...nodesOf(source.tree)].flatMap((node) => {
    const word = leftOutBy(node);
    if (word === undefined) return [];
    return [
      findingAt(source, node, {
        rule: 'left-out-test',
        message: `${word}: every test runs, or says why not`,
      }),
    ];
  });
}

function leftOutBy(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const isOnTest = testCalls.includes(node.expression.getText());
    return isOnTest && leavingOut.includes(node.name.text) ? node.name.text : undefined;
  }
  if (!ts.isPropertyAssignment(node) || !leavingOut.includes(node.name.getText())) return undefined;
  const call = node.parent.parent;
  const isTestOption = ts.isCallExpression(call) && testCalls.includes(call.expression.getText());
  return isTestOption ? node.name.getText() : undefined;
}

function commentsOf(source: Source): readonly { position: number; text: string }[] {
  const found = new Map<number, string>();
  for (const node of nodesOf(source.tree)) {
    const ranges = [
      ...(ts.getLeadingCommentRanges(source.text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(source.text, node.end) ?? []),
    ];
    for (const { pos, end } of ranges) found.set(pos, source.text.slice(pos, end));
  }
  return [...found].map(([position, text]) => ({ position, text }));
}
