import ts from 'typescript';
import { type Finding, findingAt, isTest, type Source } from './source.js';

/** Exports without a doc comment; what is exported again from elsewhere has its own there. */
export function undocumentedExports(source: Source): readonly Finding[] {
  if (isTest(source)) return [];
  const documented = new Set<string>();
  const missing = new Map<ts.Node, readonly string[]>();
  for (const statement of source.tree.statements) {
    const names = namesOf(statement);
    if (hasDoc(statement)) for (const name of names) documented.add(name);
    else if (isExport(statement)) missing.set(statement, names);
  }
  // Of several signatures of one function, one carries the comment.
  return [...missing]
    .filter(([, names]) => !names.every((name) => documented.has(name)))
    .map(([statement, names]) =>
      findingAt(source, statement, {
        rule: 'doc-comment',
        message: `${names.join(', ')} has no doc comment`,
      }),
    );
}

function hasDoc(statement: ts.Statement): boolean {
  return ts
    .getJSDocCommentsAndTags(statement)
    .some((doc) => ts.isJSDoc(doc) && (doc.comment !== undefined || doc.tags !== undefined));
}

function isExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isExportDeclaration(statement)) return statement.moduleSpecifier === undefined;
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The names that a statement declares; for an export of names, those of the declarations. */
function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  if (ts.isExportDeclaration(statement)) return exportedNames(statement);
  if (ts.isExportAssignment(statement)) {
    return [ts.isIdentifier(statement.expression) ? statement.expression.text : 'default'];
  }
  const name = 'name' in statement ? (statement.name as ts.Node | undefined) : undefined;
  return [name?.getText() ?? 'default'];
}

function exportedNames(statement: ts.ExportDeclaration): readonly string[] {
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
  return clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}
