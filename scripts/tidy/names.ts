import ts from 'typescript';
import { type Finding, findingAt, nodesOf, type Source } from './source.js';

const fileName = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.(ts|mjs)$/;
const emptyFolders = ['utils', 'util', 'common', 'lib', 'helpers', 'helper'];
const emptyWords = ['Impl', 'Manager', 'Helper', 'Helpers', 'Util', 'Utils', 'Base'];

/** Names of files, folders and types that say nothing or are spelled otherwise. */
export function badNames(source: Source): readonly Finding[] {
  return [...badPath(source.path), ...badTypes(source)];
}

function badPath(path: string): readonly Finding[] {
  const folders = path.split('/');
  const file = folders.pop() ?? '';
  const findings = folders
    .filter((folder) => emptyFolders.includes(folder))
    .map((folder) => ({ rule: 'folder-name', message: `${folder} does not say what is in it` }));
  if (!fileName.test(file)) {
    findings.push({ rule: 'file-name', message: `${file} is not in kebab-case` });
  }
  return findings.map((finding) => ({ path, line: 1, ...finding }));
}

function badTypes(source: Source): readonly Finding[] {
  return [...nodesOf(source.tree)].flatMap((node) => {
    if (!isNamedType(node) || node.name === undefined) return [];
    const name = node.name.text;
    const findings: Finding[] = [];
    if (ts.isInterfaceDeclaration(node) && /^I[A-Z][a-z]/.test(name)) {
      findings.push(
        findingAt(source, node, { rule: 'type-name', message: `${name} starts with I` }),
      );
    }
    const word = name.match(/[A-Z][a-z0-9]*/g)?.find((each) => emptyWords.includes(each));
    if (word !== undefined && isExported(node)) {
      findings.push(
        findingAt(source, node, { rule: 'type-name', message: `${word} in ${name} says nothing` }),
      );
    }
    return findings;
  });
}

type NamedType =
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.ClassDeclaration
  | ts.EnumDeclaration;

function isNamedType(node: ts.Node): node is NamedType {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node)
  );
}

function isExported(node: NamedType): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
