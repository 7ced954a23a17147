import ts from 'typescript';
import { childrenOf, type Finding, findingAt, isTest, nodesOf, type Source } from './source.js';

/** The limits of a file, of a function and of a line. */
export const limits = {
  sourceLines: 400,
  adapterLines: 250,
  testLines: 500,
  functionLines: 60,
  columns: 100,
  parameters: 3,
  complexity: 10,
} as const;

/** Files, functions, lines and parameter lists over their limits. */
export function badSizes(source: Source): readonly Finding[] {
  return [
    ...longFile(source),
    ...longLines(source.path, source.text),
    ...[...nodesOf(source.tree)].flatMap((node) => [
      ...manyParameters(source, node),
      ...badFunction(source, node),
    ]),
  ];
}

/** Lines of any text that are over the limit. */
export function longLines(path: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const columns = [...line].length;
    if (columns <= limits.columns) return [];
    const message = `${columns} columns, at most ${limits.columns}`;
    return [{ path, line: index + 1, rule: 'line-length', message }];
  });
}

/** How many lines a text has; a newline at its end starts none. */
export function lineCount(text: string): number {
  return text.replace(/\n$/, '').split('\n').length;
}

function longFile(source: Source): readonly Finding[] {
  const lines = lineCount(source.text);
  const limit = fileLimit(source);
  if (lines <= limit) return [];
  const message = `${lines} lines, at most ${limit}`;
  return [{ path: source.path, line: limit + 1, rule: 'file-length', message }];
}

function fileLimit(source: Source): number {
  if (isTest(source)) return limits.testLines;
  return source.room === 'adapters' ? limits.adapterLines : limits.sourceLines;
}

function manyParameters(source: Source, node: ts.Node): readonly Finding[] {
  if (!ts.isFunctionLike(node)) return [];
  const count = node.parameters.filter((each) => each.name.getText(source.tree) !== 'this').length;
  if (count <= limits.parameters) return [];
  const message = `${nameOf(node)} has ${count} parameters, at most ${limits.parameters}`;
  return [findingAt(source, node, { rule: 'parameters', message })];
}

function badFunction(source: Source, node: ts.Node): readonly Finding[] {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
  const findings: Finding[] = [];
  const lines = lineCount(node.getText(source.tree));
  if (lines > limits.functionLines && !isGroup(node)) {
    const message = `${nameOf(node)} has ${lines} lines, at most ${limits.functionLines}`;
    findings.push(findingAt(source, node, { rule: 'function-length', message }));
  }
  const paths = complexityOf(node);
  if (paths > limits.complexity) {
    const message = `${nameOf(node)} has complexity ${paths}, at most ${limits.complexity}`;
    findings.push(findingAt(source, node, { rule: 'complexity', message }));
  }
  return findings;
}

/** A `describe` is a heading over tests, not a function that someone has to follow. */
function isGroup(node: ts.Node): boolean {
  const call = node.parent;
  return (
    ts.isCallExpression(call) &&
    ts.isIdentifier(call.expression) &&
    ['describe', 'suite'].includes(call.expression.text)
  );
}

function nameOf(node: ts.Node): string {
  const named = 'name' in node ? node : node.parent;
  const name = 'name' in named ? (named.name as ts.Node | undefined) : undefined;
  return name === undefined ? 'a function' : name.getText();
}

const branches: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.ConditionalExpression,
  ts.SyntaxKind.ForStatement,
  ts.SyntaxKind.ForInStatement,
  ts.SyntaxKind.ForOfStatement,
  ts.SyntaxKind.WhileStatement,
  ts.SyntaxKind.DoStatement,
  ts.SyntaxKind.CaseClause,
  ts.SyntaxKind.CatchClause,
]);

const branchingOperators: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/**
 * The number of paths through a function, the functions within it left out.
 *
 * @see McCabe, A Complexity Measure (1976); of its variants the one that counts each operator which
 *   may leave out its right side, and each `catch`
 */
export function complexityOf(node: ts.Node): number {
  return 1 + childrenOf(node).reduce((sum, child) => sum + branchesIn(child), 0);
}

function branchesIn(node: ts.Node): number {
  if (ts.isFunctionLike(node)) return 0;
  const own = isBranch(node) ? 1 : 0;
  return own + childrenOf(node).reduce((sum, child) => sum + branchesIn(child), 0);
}

function isBranch(node: ts.Node): boolean {
  if (branches.has(node.kind)) return true;
  return ts.isBinaryExpression(node) && branchingOperators.has(node.operatorToken.kind);
}
