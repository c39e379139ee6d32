// The small changes that a test should notice: what makes mutants of a file of TypeScript.
import ts from 'typescript';

const kind = ts.SyntaxKind;

const BINARY = new Map([
  [kind.LessThanToken, ['<=']],
  [kind.LessThanEqualsToken, ['<']],
  [kind.GreaterThanToken, ['>=']],
  [kind.GreaterThanEqualsToken, ['>']],
  [kind.EqualsEqualsEqualsToken, ['!==']],
  [kind.ExclamationEqualsEqualsToken, ['===']],
  [kind.PlusToken, ['-']],
  [kind.MinusToken, ['+']],
  [kind.AsteriskToken, ['/']],
  [kind.SlashToken, ['*']],
  [kind.PercentToken, ['*']],
  [kind.AsteriskAsteriskToken, ['*']],
  [kind.AmpersandAmpersandToken, ['||']],
  [kind.BarBarToken, ['&&']],
  [kind.PlusEqualsToken, ['-=', '=']],
  [kind.MinusEqualsToken, ['+=']],
  [kind.AsteriskEqualsToken, ['/=']],
  [kind.SlashEqualsToken, ['*=']],
  [kind.QuestionQuestionEqualsToken, ['=']],
]);

const UNARY = new Map([
  [kind.PlusPlusToken, '--'],
  [kind.MinusMinusToken, '++'],
  [kind.MinusToken, '+'],
  [kind.ExclamationToken, ''],
]);

const MATH = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['round', 'floor'],
]);

/**
 * All mutants of a file, in the order of the text.
 * @param {string} path for messages
 * @param {string} text
 * @returns {{ path: string, line: number, start: number, end: number, from: string, to: string }[]}
 */
export function mutantsOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const replace = (start, end, to) => {
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ path, line, start, end, from: text.slice(start, end), to });
  };
  const replaceNode = (node, to) => replace(node.getStart(), node.getEnd(), to);
  visit(source, source, replaceNode, replace);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The text of a file with one of its mutants in it. */
export function applyMutant(text, { start, end, to }) {
  return text.slice(0, start) + to + text.slice(end);
}

function visit(node, source, replaceNode, replace) {
  // Types compute nothing; what an error says is not what mutants are for.
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
  statement(node, replaceNode);
  if (ts.isThrowStatement(node)) return;
  expression(node, source, replaceNode, replace);
  ts.forEachChild(node, (child) => visit(child, source, replaceNode, replace));
}

/** Statements that are left out, and decisions that are made beforehand. */
function statement(node, replaceNode) {
  if (ts.isExpressionStatement(node)) {
    // A constructor cannot do without it.
    const call = node.expression;
    if (!(ts.isCallExpression(call) && call.expression.kind === kind.SuperKeyword)) replaceNode(node, ';');
  }
  if (ts.isThrowStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node)) {
    replaceNode(node, ';');
  }
  if (ts.isReturnStatement(node) && node.expression === undefined) replaceNode(node, ';');
  if (ts.isIfStatement(node)) {
    replaceNode(node.expression, 'true');
    if (!isThrow(node.thenStatement)) replaceNode(node.expression, 'false');
  }
  if (ts.isConditionalExpression(node)) {
    replaceNode(node.condition, 'true');
    replaceNode(node.condition, 'false');
  }
}

const isThrow = (node) =>
  ts.isThrowStatement(node) ||
  (ts.isBlock(node) && node.statements.length === 1 && ts.isThrowStatement(node.statements[0]));

function expression(node, source, replaceNode, replace) {
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    const joinsText = operatorToken.kind === kind.PlusToken && (isText(left) || isText(right));
    for (const to of joinsText ? [] : (BINARY.get(operatorToken.kind) ?? [])) replaceNode(operatorToken, to);
    if (operatorToken.kind === kind.QuestionQuestionToken) {
      replaceNode(node, left.getText());
      replaceNode(node, right.getText());
    }
  }
  if (ts.isPrefixUnaryExpression(node) && UNARY.has(node.operator)) {
    replace(node.getStart(), node.operand.getStart(), UNARY.get(node.operator));
  }
  if (ts.isPostfixUnaryExpression(node)) {
    replace(node.operand.getEnd(), node.getEnd(), UNARY.get(node.operator));
  }
  if (ts.isPropertyAccessExpression(node) && node.expression.getText(source) === 'Math') {
    const to = MATH.get(node.name.text);
    if (to !== undefined) replaceNode(node.name, to);
  }
  if (node.kind === kind.TrueKeyword) replaceNode(node, 'false');
  if (node.kind === kind.FalseKeyword) replaceNode(node, 'true');
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.getText().replaceAll('_', ''));
    replaceNode(node, String(value + 1));
    if (value !== 0) replaceNode(node, '0');
  }
}

const isText = (node) =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));
