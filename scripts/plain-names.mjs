import ts from 'typescript';

/**
 * The module without those of esbuild's `__name(function, name)` that say what is the name anyway. What remains names the
 * functions and classes which had to be called otherwise; inside of functions each call would be made whenever its function runs.
 */
export function plainNames(source) {
  const file = ts.createSourceFile('module.js', source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const cuts = [];
  const visit = (node, depth) => {
    if (isNaming(node)) cuts.push(...cutsOf(node, depth));
    ts.forEachChild(node, (child) => visit(child, depth + (ts.isFunctionLike(node) ? 1 : 0)));
  };
  visit(file, 0);
  let [plain, end] = ['', 0];
  for (const [from, to] of cuts.sort(([a], [b]) => a - b)) {
    plain += source.slice(end, from);
    end = to;
  }
  return plain + source.slice(end);
}

const isNaming = (node) =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === '__name';

/** The parts of the source to leave out: a statement, or what stands around the function. */
function cutsOf(call, depth) {
  const [target, { text: name }] = call.arguments;
  const { parent } = call;
  if (ts.isExpressionStatement(parent)) {
    const isStatic = target.kind === ts.SyntaxKind.ThisKeyword;
    const named = isStatic ? classNameAt(call) : target.getText();
    if (named !== name) return [];
    const whole = isStatic && parent.parent.statements.length === 1 ? parent.parent.parent : parent;
    return [[whole.getFullStart(), whole.getEnd()]];
  }
  // A variable, a property or a default gives its name to a function without one; anywhere else it would have none.
  const isNamed = nameGivenBy(parent, call) === name && !target.name;
  if (!isNamed && depth === 0) return [];
  return [
    [call.getFullStart(), target.getFullStart()],
    [target.getEnd(), call.getEnd()],
  ];
}

/** The name that `value`, a function or class without one, has of where it stands. */
function nameGivenBy(parent, value) {
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  if (ts.isBinaryExpression(parent) && parent.right === value) return parent.left.getText();
  return undefined;
}

function classNameAt(node) {
  if (!ts.isClassLike(node)) return classNameAt(node.parent);
  return node.name?.text ?? nameGivenBy(node.parent, node);
}
