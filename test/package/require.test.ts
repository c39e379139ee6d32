// A project in CommonJS, written in TypeScript, as most are that exist.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, linkPeers, start } from './installed.js';

const SOURCE = `import { Adam, type Parameter } from 'lockstep';
import { spirals } from './spirals';
import { accelerate } from 'lockstep/ml-matrix';
import * as nn from 'lockstep/nn';
import { cosine, type Schedule } from 'lockstep/schedule';
import { fileSystem } from 'lockstep/tfjs';
import { fit, type History } from 'lockstep/train';

const model: nn.Module = new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU());
const parameters: readonly Parameter[] = model.parameters();
const lr: Schedule = cosine(0.1, { steps: 10 });
const training: Promise<History> | null = parameters.length === 0 ? fit(model, spirals(), { loss: nn.crossEntropy, optimizer: new Adam(parameters, { lr }), epochs: 1 }) : null;
accelerate();
console.log(JSON.stringify([parameters.length, training, spirals().x.shape[0], Object.keys(fileSystem('model'))]));
`;

const SPIRALS = `import { twoSpirals } from 'lockstep/data';
import { examplesOf } from 'lockstep/train';
export const spirals = () => examplesOf(twoSpirals({ pointsPerArm: 5 }));
`;

const project = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-require-')));
afterAll(() => rmSync(project, { recursive: true }));

/** Compiles the project, and returns what the compiler has to say. */
function compile(options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([join(project, 'main.ts')], {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
    ...options,
  });
  const { diagnostics } = program.emit();
  // TensorFlow.js leaves out what its own types need.
  const isOurs = ({ file }: ts.Diagnostic) => file === undefined || !file.fileName.includes('/@tensorflow/');
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics]
    .filter(isOurs)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

describe.skipIf(!existsSync('dist'))('a project in CommonJS', () => {
  beforeAll(() => {
    install(project);
    linkPeers(project);
    writeFileSync(join(project, 'main.ts'), SOURCE);
    writeFileSync(join(project, 'spirals.ts'), SPIRALS);
  });

  const { Node16, CommonJS } = ts.ModuleKind;
  test.each([
    ['node16', { module: Node16 }],
    ['node16 without skipLibCheck', { module: Node16, skipLibCheck: false }],
    ['commonjs', { module: CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10 }],
  ])('compiles with module: %s, and runs in silence', (_, options) => {
    rmSync(join(project, 'main.js'), { force: true });
    expect(compile({ skipLibCheck: true, ...options })).toEqual([]);
    expect(readFileSync(join(project, 'main.js'), 'utf8')).toContain('require("lockstep/nn")');
    const quiet = { LOCKSTEP_QUIET: '1' };
    expect(start([join(project, 'main.js')], quiet)).toEqual({
      printed: [2, null, 10, ['load', 'save']],
      warnings: [],
      stderr: '',
    });
  });
});
