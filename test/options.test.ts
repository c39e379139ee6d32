// Every export is in exactly one of the two lists below, with its options or without, and so is every method of a class.
import { describe, expect, it, test } from 'vitest';
import * as checkpoint from '../src/checkpoint/index.js';
import * as data from '../src/data/index.js';
import * as distributed from '../src/distributed/index.js';
import * as lockstep from '../src/index.js';
import * as interop from '../src/interop/index.js';
import * as mlMatrix from '../src/ml-matrix/index.js';
import * as nn from '../src/nn/index.js';
import * as schedule from '../src/schedule/index.js';
import * as tfjs from '../src/tfjs/index.js';
import * as train from '../src/train/index.js';

const { init, ...layers } = nn;
const modules = {
  lockstep,
  schedule,
  nn: layers,
  'nn.init': init,
  train,
  data,
  tfjs,
  'ml-matrix': mlMatrix,
  checkpoint,
  interop,
  distributed,
};
type ModuleName = keyof typeof modules;

const x = Float32Array.of(1, 2, 3, 4);
const indices = Int32Array.of(0, 1);
const row = () => nn.tensor(x.slice(), [2, 2], { requiresGrad: true });
const packed = () => nn.packPaddedSequence(row(), [2, 1]);
const image = () => nn.tensor(x.slice(), [1, 2, 2, 1]);
const line = () => nn.tensor(x.slice(), [1, 2, 2]);
const parameters = () => [{ value: x.slice(), grad: null }];
const examples = { x: nn.tensor(x, [2, 2]), y: indices };
const generator = new nn.Generator(1);
const model = new nn.Linear(2, 2);
const optimizer = new lockstep.SGD(model.parameters());
const ascent = { name: 'Optimizer', defaults: { lr: 1, weightDecay: 0, maximize: true }, update() {} };
const spirals = data.twoSpirals({ pointsPerArm: 4 });

/** The arguments around the options of each function, class or method that takes some. */
type Arguments = (options: unknown) => readonly unknown[];
const alone: Arguments = (options) => [options];
const afterArray: Arguments = (options) => [x, options];
const afterTensor: Arguments = (options) => [row(), options];
const afterRate: Arguments = (options) => [0.1, options];
const afterParameters: Arguments = (options) => [parameters(), options];

function each(names: string, args: Arguments): Record<string, Arguments> {
  return Object.fromEntries(names.split(' ').map((name) => [name, args]));
}

const schedules: Record<string, Arguments> = {
  ...each('cyclic cyclicMomentum oneCycle oneCycleMomentum', alone),
  ...each('constantWarmup cosine cosineRestarts exponential exponentialWarmup gradualWarmup', afterRate),
  ...each('inverseSqrt linear multiStep polynomial reduceOnPlateau stepDecay swaLr', afterRate),
  warmupStableDecay: afterRate,
  sequential: (options) => [[0.1], options],
};

const withOptions: Record<ModuleName, Record<string, Arguments>> = {
  lockstep: {
    GradScaler: alone,
    ...each('Adadelta Adagrad Adam AdamW Adamax RMSprop SGD SWATS', afterParameters),
    ...each(
      'ADOPT ASGD AdEMAMix AdaBelief Adan Lion NAdam Prodigy RAdam Rprop SophiaG SparseAdam',
      afterParameters,
    ),
    ...each('ScheduleFreeAdamW ScheduleFreeSGD clipGradAdaptive', afterParameters),
    clipGradNorm: (options) => [parameters(), 1, options],
    totalNorm: (options) => [[x], options],
    ...each('Adafactor LAMB LARS LBFGS SOAP Shampoo', afterParameters),
    ...each('Lookahead SAM', (options) => [optimizer, options]),
    Muon: (options) => [[{ value: x.slice(), grad: null, shape: [2, 2] }], options],
    Optimizer: (options) => [ascent, parameters(), options],
    ...each(
      'abs cos erf exp expm1 gelu log log1p neg reciprocal relu rsqrt sigmoid silu sin softplus',
      afterArray,
    ),
    ...each(
      'sqrt square tanh sum mean prod amax amin norm argmax argmin softmax logSoftmax clamp',
      afterArray,
    ),
    ...each('permute transpose uniform normal bernoulli dropout maxPool2d avgPool2d', afterArray),
    ...each(
      'asin acos atan tan sinh cosh asinh acosh atanh log2 log10 exp2 var std logSumExp sort',
      afterArray,
    ),
    ...each('tril triu', afterArray),
    ...each('topk split', (options) => [x, 1, options]),
    einsum: (options) => ['i->i', [x], options],
    stack: (options) => [[x, x], options],
    gather: (options) => [x, indices, options],
    oneHot: (options) => [indices, 2, options],
    ...each('add sub mul div pow atan2 maximum minimum eq ne lt le gt ge', (options) => [x, x, options]),
    where: (options) => [x, x, x, options],
    ...each('slice flip roll pad tile cumsum cumprod', afterArray),
    cat: (options) => [[x, x], options],
    conv2d: (options) => [x, x, options],
    ...each('gatherRows scatterAddRows', (options) => [x, indices, options]),
    ...each('gemm gemmBatched', alone),
    ...schedules,
  },
  schedule: schedules,
  nn: {
    ...each('AvgPool1d AvgPool2d MaxPool1d MaxPool2d LayerNorm RMSNorm', (options) => [2, options]),
    ...each('BatchNorm1d BatchNorm2d InstanceNorm1d InstanceNorm2d', (options) => [2, options]),
    ...each('Embedding GRU GRUCell LSTM LSTMCell Linear RNN RNNCell', (options) => [2, 3, options]),
    ...each('MultiHeadAttention', (options) => [4, 2, options]),
    ...each('GroupNorm', (options) => [2, 4, options]),
    ...each('Bilinear Conv1d Conv2d ConvTranspose1d ConvTranspose2d', (options) => [1, 2, 3, options]),
    ...each(
      'Dropout Dropout1d Dropout2d ELU Flatten GELU GLU Hardtanh LeakyReLU LogSoftmax PReLU SinusoidalPositions Softmax ' +
        'Softplus Upsample',
      alone,
    ),
    ...each('TransformerEncoderLayer TransformerDecoderLayer', (options) => [4, 2, options]),
    TransformerEncoder: (options) => [() => new nn.TransformerEncoderLayer(4, 2), 1, options],
    TransformerDecoder: (options) => [() => new nn.TransformerDecoderLayer(4, 2), 1, options],
    memory: alone,
    sinusoidalPositions: (options) => [2, 2, options],
    ...each('elu glu hardtanh leakyRelu rotary softplus', afterTensor),
    Residual: (options) => [model, options],
    ...each('sum mean prod amax amin norm softmax logSoftmax gelu clamp dropout permute', afterTensor),
    ...each('maxPool2d avgPool2d dropout2d interpolate', (options) => [image(), options]),
    ...each('maxPool1d avgPool1d dropout1d', (options) => [line(), options]),
    ...each('conv2d convTranspose2d', (options) => [image(), image(), options]),
    ...each('conv1d convTranspose1d', (options) => [line(), line(), options]),
    bilinear: (options) => [row(), row(), line(), options],
    ...each('var std logSumExp any all', afterTensor),
    allClose: (options) => [row(), row(), options],
    bmm: (options) => [row(), row(), options],
    ...each('embedding gatherRows crossEntropy nll', (options) => [row().detach(), indices, options]),
    ...each('mse l1 smoothL1 huber bce bceWithLogits klDiv hingeEmbedding', (options) => [
      row(),
      row(),
      options,
    ]),
    cosineEmbedding: (options) => [row(), row(), nn.tensor([1, -1]), options],
    tripletMargin: (options) => [row(), row(), row(), options],
    ctc: (options) => [nn.tensor(x, [2, 1, 2]), [1], [2], [1], options],
    scaledDotProductAttention: (options) => [row(), row(), row(), options],
    packPaddedSequence: (options) => [row(), [2, 1], options],
    padPackedSequence: (options) => [packed(), options],
    tensor: (options) => [x, [4], options],
    ...each('zeros ones rand randn', (options) => [[2], options]),
    full: (options) => [[2], 1, options],
    ...each('zerosLike onesLike sort', afterTensor),
    fullLike: (options) => [row(), 1, options],
    ...each('arange linspace', (options) => [0, 1, 1, options]),
    eye: (options) => [1, 1, options],
    pad: (options) => [row(), [0, 0], options],
    topk: (options) => [row(), 1, options],
    indexAdd: (options) => [row(), 0, indices, row(), options],
    oneHot: (options) => [indices, 2, options],
  },
  'nn.init': {
    ...each('uniform normal', (options) => [row(), 0, 1, options]),
    ...each('kaimingUniform kaimingNormal xavierUniform xavierNormal', afterTensor),
  },
  train: {
    DataLoader: (options) => [examples, options],
    ExponentialMovingAverage: afterParameters,
    confusionMatrix: (options) => [row(), indices, options],
    ...each('f1 perplexity precision recall', alone),
    ...each('evaluate fit', (options) => [model, examples, options]),
    findLearningRate: (options) => [model, examples, options],
    openLoader: (options) => [{ data: [] }, options],
  },
  data: {
    ...each('DistributedSampler RandomSampler', (options) => [4, options]),
    BatchSampler: (options) => [new data.SequentialSampler(4), options],
    WeightedRandomSampler: (options) => [x, 4, options],
    ...each('normalize randomCrop randomHorizontalFlip', (options) => [{ value: x, shape: [2, 2] }, options]),
    splitTrainTest: (options) => [spirals, options],
    twoSpirals: alone,
    ...each('parseNpy parseSafetensors', (options) => [new Uint8Array(0), 'file', options]),
    ...each('readNpy readSafetensors', (options) => ['file', options]),
  },
  tfjs: {},
  'ml-matrix': {},
  checkpoint: { save: (options) => ['file', {}, options] },
  interop: {
    fromPyTorch: (options) => [model, {}, options],
    optimizerFromPyTorch: (options) => [optimizer, model, {}, options],
    optimizerToPyTorch: (options) => [optimizer, model, options],
    readTorch: (options) => ['file', options],
    toOnnx: (options) => [model, row(), options],
    toPyTorch: (options) => [model, options],
    toTensorFlowJs: (options) => [new nn.Sequential(), [2], options],
  },
  distributed: {
    ...each('allGather allReduce broadcast reduceScatter', afterArray),
    ...each('barrier init', alone),
  },
};

const withoutOptions: Record<ModuleName, string> = {
  lockstep:
    'RowGradient biasesAndNorms clipGradValue constant currentTarget diagnose fromBFloat16 fromFloat16 multiplicative scale toBFloat16 toFloat16 targets threads toSchedule useTarget useThreads',
  schedule: 'constant multiplicative scale toSchedule',
  nn:
    'AdaptiveAvgPool1d AdaptiveAvgPool2d Unflatten adaptiveAvgPool1d adaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d adaptiveMaxPool1d adaptiveMaxPool2d Module ModuleDict ModuleList ' +
    'Generator GlobalAvgPool2d ReLU Sequential SiLU Sigmoid Tanh Tensor abs ' +
    'accuracy acos acosh add argmax argmin asin asinh atan atan2 atanh ceil cos cosh div dot einsum equal exp2 floor fmod frac ' +
    'isFinite isInf isNaN log10 log2 logicalAnd logicalNot logicalOr logicalXor matmul mv outer remainder round sign sinh tan trunc ' +
    'eq erf exp expm1 ge gt le log log1p lt defaultGenerator manualSeed maximum minimum mul ne neg noGrad sampleCategorical ' +
    'pow reciprocal relu rsqrt sigmoid silu sin sqrt square sub tanh transpose where ' +
    'Hardsigmoid Hardswish LogSigmoid Mish ReLU6 SELU Softsign Tanhshrink hardsigmoid hardswish logsigmoid mish prelu ' +
    'relu6 selu softsign tanhshrink checkpoint ' +
    'cat chunk cumprod cumsum expand flip gather indexSelect maskedFill maskedSelect narrow repeat roll select slice split squeeze ' +
    'stack tile tril triu unbind unsqueeze',
  'nn.init': '',
  train:
    'DivergedError SampleLoader examplesOf meanAbsoluteError meanSquaredError r2 rocAuc StochasticWeightAverage topKAccuracy updateBatchNorm',
  data:
    'CsvFile DataError RowFile SequentialSampler openCsv openIdx openNpy openSafetensors datasetFromCsv findMnist firstRows formatNpy formatSafetensors parseCsv readCsv ' +
    'readMnist selectRows standardise toInt32 writeNpy writeSafetensors',
  // The optimizers take the options of the classes, which refuse what they do not have.
  tfjs: 'adadelta adagrad adam adamax adamw fileSystem momentum rmsprop sgd swats useBackend',
  'ml-matrix': 'accelerate restore',
  checkpoint: 'DataError latest load',
  interop: '',
  distributed: 'LeafPlan close traffic world',
};

/** Methods with options, and how they are called with some. */
const methods: Record<string, (options: unknown) => unknown> = {
  'Optimizer.clipGradNorm': (options) => call(optimizer.clipGradNorm, optimizer, [1, options]),
  'Optimizer.addParamGroup': (options) =>
    call(optimizer.addParamGroup, optimizer, [
      typeof options === 'object' ? { params: parameters(), ...options } : options,
    ]),
  ...Object.fromEntries(
    Object.entries({
      MultiHeadAttention: [new nn.MultiHeadAttention(2, 1), 3],
      TransformerEncoderLayer: [new nn.TransformerEncoderLayer(2, 1), 1],
      TransformerDecoderLayer: [new nn.TransformerDecoderLayer(2, 1), 2],
      TransformerEncoder: [new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(2, 1), 1), 1],
      TransformerDecoder: [new nn.TransformerDecoder(() => new nn.TransformerDecoderLayer(2, 1), 1), 2],
    } as const).map(([name, [module, inputs]]) => [
      `${name}.forward`,
      (options: unknown) => {
        const sequences = Array.from({ length: inputs }, () => nn.tensor(x, [1, 2, 2]));
        return call(module.forward, module, [...sequences, options]);
      },
    ]),
  ),
  'Tensor.sort': (options) => call(row().sort, row(), [options]),
  'Tensor.topk': (options) => call(row().topk, row(), [1, options]),
  ...Object.fromEntries(
    'sum mean prod amax amin norm logSumExp var std permute softmax logSoftmax clamp any all clamp_'
      .split(' ')
      .map((name) => [`Tensor.${name}`, (options: unknown) => onTensor(name, [options])]),
  ),
  'Tensor.bmm': (options) => onTensor('bmm', [row(), options]),
  'Tensor.allClose': (options) => onTensor('allClose', [row(), options]),
  'Tensor.indexAdd': (options) => call(row().indexAdd, row(), [0, indices, row(), options]),
  'Generator.fillUniform': (options) => call(generator.fillUniform, generator, [x.slice(), options]),
  'Generator.fillNormal': (options) => call(generator.fillNormal, generator, [x.slice(), options]),
  'Generator.fillBernoulli': (options) => call(generator.fillBernoulli, generator, [x.slice(), options]),
};

function onTensor(name: string, args: readonly unknown[]): unknown {
  const one = row();
  const method: unknown = Reflect.get(one, name);
  if (typeof method !== 'function') throw new Error(`a tensor has no method ${name}`);
  return Reflect.apply(method, one, args);
}

const methodsWithoutOptions: Record<string, string> = {
  ScheduleFree: 'eval train',
  ScheduleFreeAdamW: 'betaOf',
  ScheduleFreeSGD: 'betaOf',
  SophiaG: 'updateHessian',
  GradScaler: 'getScale scale unscale step update stateDict loadStateDict',
  Optimizer: 'clipGradValue runRule parameters step stepAsync zeroGrad observe stateDict loadStateDict',
  LBFGS: 'addParamGroup',
  LeafPlan: 'range nodes firstNode foldOrder',
  Wrapper: 'parameters zeroGrad observe',
  Lookahead: 'step stateDict loadStateDict',
  SAM: 'step stateDict loadStateDict',
  RowGradient: 'add clear',
  Module:
    'train eval namedChildren namedModules parameters buffers zeroGrad summary stateDict loadStateDict forward ' +
    'apply children getParameter getSubmodule modules namedBuffers namedParameters requiresGrad_ registerForwardHook ' +
    'registerForwardPreHook registerFullBackwardHook',
  ModuleDict: 'delete forward get has keys namedChildren set values',
  ModuleList: 'forward',
  ModuleSequence: 'append at extend insert namedChildren',
  Sequential: 'forward',
  BatchNorm: 'forward',
  BatchNorm1d: 'dimensions',
  BatchNorm2d: 'dimensions',
  Affine: 'forward',
  Conv1d: 'forwardWith',
  Conv2d: 'forwardWith',
  ConvTranspose: 'forwardWith',
  InstanceNorm: 'forward',
  InstanceNorm1d: 'dimensions',
  InstanceNorm2d: 'dimensions',
  Dropout: 'forward drop',
  Dropout1d: 'drop',
  Dropout2d: 'drop',
  Linear: 'forwardWith',
  Recurrent: 'forward',
  Cell: 'forward',
  Generator: 'skip uint32 uniform normal integer permutation fillPermutation',
  TransformerLayer: 'around attendToSelf feedForward',
  Stack: 'through',
  Tensor:
    'item toArray to float double int byte bool backward backwardSteps detach clone add sub mul matmul reshape relu tanh sigmoid silu toString where ' +
    'abs acos acosh argmax argmin asin asinh atan atan2 atanh ceil cos cosh div dot eq equal erf exp exp2 expm1 floor fmod frac ' +
    'ge gt isFinite isInf isNaN le log log10 log1p log2 logicalAnd logicalNot logicalOr logicalXor lt maximum minimum mv ne neg ' +
    'hardsigmoid hardswish logsigmoid mish selu softsign ' +
    'outer pow reciprocal remainder round rsqrt sign sin sinh softplus sqrt square tan trunc ' +
    'abs_ add_ ceil_ copy_ cos_ div_ exp_ fill_ floor_ log_ mul_ neg_ pow_ reciprocal_ relu_ round_ rsqrt_ sigmoid_ sin_ tan_ sqrt_ ' +
    'square_ sub_ tanh_ trunc_ zero_ ' +
    'chunk cumprod cumsum expand flip gather indexSelect maskedFill maskedSelect narrow repeat roll select slice split squeeze tile ' +
    'tril triu unbind unsqueeze',
  BatchSampler: 'batches',
  CsvFile: 'get close',
  DataLoader: 'epoch step',
  DistributedSampler: 'indices',
  RandomSampler: 'indices',
  RowFile: 'get rows close',
  SampleLoader: 'epoch steps close',
  SequentialSampler: 'indices',
  WeightedRandomSampler: 'indices',
  WeightAverage: 'update apply restore stateDict loadStateDict',
  ExponentialMovingAverage: 'shareOf',
  StochasticWeightAverage: 'shareOf',
};
for (const name of 'Activation AvgPool2d Embedding Flatten GlobalAvgPool2d GroupNorm LayerNorm'.split(' ')) {
  methodsWithoutOptions[name] = 'forward';
}
for (const name of 'ELU GLU Hardtanh LeakyReLU LogSoftmax MaxPool2d PReLU RMSNorm ReLU6 Residual SinusoidalPositions Softmax Softplus Tanhshrink'.split(
  ' ',
)) {
  methodsWithoutOptions[name] = 'forward';
}

for (const name of 'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d AvgPool1d Bilinear MaxPool1d Unflatten Upsample'.split(
  ' ',
)) {
  methodsWithoutOptions[name] = 'forward';
}

function call(fn: (...args: never[]) => unknown, self: unknown, args: readonly unknown[]): unknown {
  return Reflect.apply(fn, self, args);
}

const isClass = (value: unknown) => /^class\b/.test(Function.prototype.toString.call(value));

function use(module: ModuleName, name: string, args: readonly unknown[]): unknown {
  const callee: unknown = Reflect.get(modules[module], name);
  if (typeof callee !== 'function') throw new Error(`${module} exports no function ${name}`);
  return isClass(callee) ? Reflect.construct(callee, args) : Reflect.apply(callee, null, args);
}

/** What comes of a call, also of one that only promises. */
async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return 'no error';
}

const cases = Object.entries(withOptions).flatMap(([module, functions]) =>
  Object.entries(functions).map(([name, args]) => ({ module: module as ModuleName, name, args })),
);

describe.each(cases)('$module: $name', ({ module, name, args }) => {
  it('refuses an option that it does not have', async () => {
    const error = await errorOf(() => use(module, name, args({ unheardOf: 1 })));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(
      new RegExp(
        `^TypeError: ${name} has no option "unheardOf"; (did you mean "\\w+"\\? I|i)t has \\w+(, \\w+)*$`,
      ),
    );
  });

  it.each(['fast', null, [1], x, () => 1])('refuses %o in the place of options', async (value) => {
    const error = await errorOf(() => use(module, name, args(value)));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(
      new RegExp(`^TypeError: ${name}: options must be an object, got .*; it has \\w+`),
    );
  });
});

test.each(Object.entries(methods))('%s refuses an option that it does not have', async (name, run) => {
  const error = await errorOf(() => run({ unheardOf: 1 }));
  // Those of tensors are functions of the same name.
  const known = name.replace(/^Tensor\./, '');
  const owner = name === 'Optimizer.addParamGroup' ? 'groups\\[1\\] of SGD' : known;
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).toMatch(new RegExp(`^TypeError: ${owner} has no option "unheardOf"; it has \\w+`));
  const expected =
    name === 'Optimizer.addParamGroup'
      ? /^TypeError: group must be an object, got "fast"$/
      : new RegExp(`^TypeError: ${known}: options must be an object, got "fast"; it has \\w+`);
  expect(String(await errorOf(() => run('fast')))).toMatch(expected);
});

test('a group of parameters refuses an option that it does not have', () => {
  expect(() => Reflect.construct(lockstep.SGD, [[{ params: parameters(), momentun: 1 }]])).toThrow(
    'groups[0] of SGD has no option "momentun"; did you mean "momentum"?',
  );
});

test('earlyStopping of fit refuses an option that it does not have', async () => {
  const fit = (earlyStopping: unknown) =>
    use('train', 'fit', [model, examples, { loss: nn.crossEntropy, optimizer, earlyStopping }]);
  expect(String(await errorOf(() => fit({ patients: 3 })))).toBe(
    'TypeError: earlyStopping of fit has no option "patients"; did you mean "patience"? It has patience, minDelta, mode, restoreBest',
  );
  expect(String(await errorOf(() => fit(3)))).toBe('TypeError: earlyStopping must be an object, got 3');
});

test('distributed of fit refuses an option that it does not have', async () => {
  const fit = (distributed: unknown) =>
    use('train', 'fit', [
      model,
      examples,
      { loss: nn.crossEntropy, optimizer, microBatches: 2, distributed },
    ]);
  expect(String(await errorOf(() => fit({ bucketMB: 3 })))).toBe(
    'TypeError: distributed of fit has no option "bucketMB"; it has shardOptimizer, bucketBytes',
  );
});

test('checkpoint of fit refuses options that it does not have', async () => {
  const fit = (checkpoint: unknown) =>
    use('train', 'fit', [model, examples, { loss: nn.crossEntropy, optimizer, checkpoint }]);
  expect(String(await errorOf(() => fit({ folder: 'runs', evry: {} })))).toBe(
    'TypeError: checkpoint of fit has no option "evry"; did you mean "every"? It has folder, every, keep, extra',
  );
  expect(String(await errorOf(() => fit({ folder: 'runs', every: { step: 3 } })))).toBe(
    'TypeError: checkpoint.every of fit has no option "step"; did you mean "steps"? It has steps, epochs, seconds',
  );
});

describe('every export', () => {
  it.each(Object.keys(modules) as ModuleName[])('of %s is in one of the lists', (module) => {
    const exported = Object.entries(modules[module]).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    );
    const without = withoutOptions[module].split(' ').filter((name) => name !== '');
    expect([...Object.keys(withOptions[module]), ...without].sort()).toEqual(exported.sort());
  });

  it('that is a class has its methods in one of the lists', () => {
    const found = Object.values(modules)
      .flatMap((module) => Object.values<unknown>(module))
      .flatMap(methodsOf);
    const without = Object.entries(methodsWithoutOptions).flatMap(([owner, names]) =>
      names.split(' ').map((name) => `${owner}.${name}`),
    );
    const listed = new Set([...Object.keys(methods), ...without]);
    // An abstract method leaves no trace at run time.
    listed.delete('Module.forward');
    expect([...new Set(found)].sort()).toEqual([...listed].sort());
  });
});

/** The methods of a class and of those that it extends, each with the name of the class it is written in. */
function methodsOf(value: unknown): string[] {
  if (typeof value !== 'function' || !isClass(value) || value.prototype instanceof Error) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(value.prototype)).flatMap(
    ([name, descriptor]) =>
      name !== 'constructor' && typeof descriptor.value === 'function' ? [`${value.name}.${name}`] : [],
  );
  return [...own, ...methodsOf(Object.getPrototypeOf(value))];
}

describe('the message', () => {
  it.each<[string, () => unknown, string]>([
    [
      'names the nearest option',
      () => use('nn', 'Conv2d', [1, 2, 3, { pading: 1 }]),
      'Conv2d has no option "pading"; did you mean "padding"? It has stride, padding, dilation, groups, bias, dtype, generator',
    ],
    [
      'does not mind the case',
      () => use('nn', 'Linear', [2, 3, { Bias: false }]),
      'Linear has no option "Bias"; did you mean "bias"? It has bias, dtype, generator',
    ],
    [
      'knows abbreviations',
      () => use('nn', 'Dropout', [{ p: 0.2 }]),
      'Dropout has no option "p"; did you mean "probability"? It has probability, generator',
    ],
    [
      'asks nothing where none is near',
      () => use('nn', 'Dropout', [{ rate: 0.2 }]),
      'Dropout has no option "rate"; it has probability, generator',
    ],
    [
      'is not fooled by what every object has',
      () => use('nn', 'Dropout', [JSON.parse('{ "__proto__": 0.2 }')]),
      'Dropout has no option "__proto__"; it has probability, generator',
    ],
    [
      'is the same for an option that pooling takes elsewhere',
      () => use('nn', 'MaxPool2d', [2, { kernel: 3 }]),
      'MaxPool2d has no option "kernel"; it has stride, padding, dilation, ceilMode',
    ],
    [
      'says what a transposed product is',
      () => use('lockstep', 'gemm', [{ m: 2, n: 2, k: 2, a: x, b: x, c: x.slice(), transposeA: true }]),
      'gemm has no option "transposeA"; did you mean "transA"? It has ',
    ],
  ])('%s', (_, run, message) => expect(run).toThrow(message));
});

describe('options', () => {
  it('that are undefined mean the default', () => {
    const linear = Reflect.construct(nn.Linear, [
      2,
      3,
      { bias: undefined, dtype: undefined, generator: undefined },
    ]);
    expect(linear.bias).not.toBeNull();
    expect(Reflect.construct(lockstep.SGD, [parameters(), { lr: undefined }]).lr).toBe(1e-3);
  });

  it('are read once', () => {
    const reads: string[] = [];
    const watched = (options: object) =>
      new Proxy(options, {
        get(target, name) {
          reads.push(String(name));
          return Reflect.get(target, name);
        },
      });
    const multiplication = { m: 2, n: 2, k: 2, a: x, b: x, c: x.slice(), transB: true, activation: 'relu' };
    use('lockstep', 'gemm', [watched(multiplication)]);
    use('lockstep', 'gelu', [x, watched({ approximate: 'tanh' })]);
    use('nn', 'gelu', [row(), watched({ approximate: 'tanh' })]);
    use('nn', 'Linear', [2, 2, watched({ bias: true, generator })]);
    use('nn', 'Conv2d', [1, 1, 1, watched({ bias: true, generator })]);
    use('nn.init', 'kaimingUniform', [row(), watched({ generator })]);
    const each = (name: string) => reads.filter((read) => read === name).length;
    expect(['transB', 'activation', 'approximate', 'bias', 'generator'].map(each)).toEqual([1, 1, 2, 3, 3]);
  });

  it('may come as an instance of a class, of which only its own properties count', () => {
    class Chosen {
      bias = false;
      describe() {
        return 'no bias';
      }
    }
    expect(new nn.Linear(2, 3, new Chosen()).bias).toBeNull();
    const inherited: object = Object.create({ unheardOf: 1 });
    expect(use('nn', 'Dropout', [inherited])).toBeInstanceOf(nn.Dropout);
  });
});

describe('a probability alone', () => {
  it('makes a Dropout', () => {
    expect(new nn.Dropout(0.2).probability).toBe(0.2);
    expect(new nn.Dropout().probability).toBe(0.5);
    expect(() => new nn.Dropout(1.2)).toThrow(new RangeError('probability must be in [0, 1], got 1.2'));
  });

  it('is enough for dropout()', () => {
    const ones = nn.tensor(new Float32Array(1000).fill(1));
    const drop = (options: number | nn.DropoutOptions) => {
      nn.manualSeed(3);
      return nn.dropout(ones, options).value;
    };
    expect(drop(0.2)).toEqual(drop({ probability: 0.2 }));
    expect(drop(0.2)).not.toEqual(drop(0.5));
  });
});
