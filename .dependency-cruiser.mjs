// What may import what inside src/. `npm run check` holds the tree to it with dependency-cruiser. What is not listed is not
// allowed, and no file reaches itself through its imports.

/** Folder -> the folders it may import besides itself. */
const LAYERS = {
  core: [],
  text: ['core'],
  backend: ['core'],
  array: ['core', 'backend'],
  schedule: ['core'],
  optim: ['core', 'backend', 'array', 'schedule'],
  nn: ['core', 'text', 'backend', 'array'],
  data: ['core', 'backend', 'array'],
  checkpoint: ['core', 'backend', 'array', 'data'],
  distributed: ['core', 'backend', 'nn'],
  train: ['core', 'text', 'backend', 'array', 'schedule', 'optim', 'nn', 'data', 'checkpoint', 'distributed'],
  interop: ['core', 'backend', 'array', 'schedule', 'optim', 'nn', 'data'],
  index: ['core', 'backend', 'array', 'schedule', 'optim'],
  tfjs: ['core', 'backend', 'array', 'schedule', 'optim', 'data'],
  'ml-matrix': ['core', 'backend', 'array', 'schedule', 'optim'],
  cli: [
    'index',
    'core',
    'text',
    'backend',
    'array',
    'schedule',
    'optim',
    'nn',
    'data',
    'distributed',
    'train',
  ],
};

/** The same inside folders whose other files may import all of these. */
const BACKEND_LAYERS = { contract: [], typescript: ['contract'] };
const NN_LAYERS = {
  engine: [],
  functions: ['engine'],
  init: ['engine'],
  summary: ['engine'],
  layers: ['engine', 'functions', 'init', 'summary'],
};

/** Folder -> the packages that its users install beside this one. */
const PEERS = {
  tfjs: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
  'ml-matrix': ['ml-matrix'],
};

const NPM = ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'];

const paths = (root, names) => `^${root}/(${names.join('|')})(/|\\.ts$)`;

/** Forbids what the table does not list: other folders, and the files beside them. */
const rulesOf = (root, layers) =>
  Object.entries(layers).map(([name, mayImport]) => ({
    name: `${root}/${name}`,
    comment: `It may import ${mayImport.length > 0 ? mayImport.join(', ') : 'nothing else'} of ${root}/.`,
    severity: 'error',
    from: { path: paths(root, [name]) },
    to: { path: `^${root}/`, pathNot: paths(root, [name, ...mayImport]) },
  }));

export default {
  forbidden: [
    ...rulesOf('src', LAYERS),
    ...rulesOf('src/backend', BACKEND_LAYERS),
    ...rulesOf('src/nn', NN_LAYERS),
    {
      name: 'backend-inside',
      comment:
        'Only the command line, which explains what was loaded, looks behind the contract, the choice of a target and the queue.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(backend|cli)/' },
      to: { path: '^src/backend/', pathNot: '^src/backend/(contract/|(select|stream|named|memory)\\.ts$)' },
    },
    {
      name: 'no-circle',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-run-time-dependency',
      comment:
        'The report is the exception: its page is linked when the package is built. Peers have rules of their own.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/cli/report/page/|${paths('src', Object.keys(PEERS))}` },
      to: { dependencyTypes: NPM },
    },
    ...Object.entries(PEERS).map(([folder, packages]) => ({
      name: `src/${folder}-peers`,
      comment: `Of npm it may import types of ${packages.join(', ')}: src/core/peer.ts requires what has values.`,
      severity: 'error',
      from: { path: paths('src', [folder]) },
      to: { dependencyTypes: NPM, dependencyTypesNot: ['type-only'] },
    })),
    ...Object.entries(PEERS).map(([folder, packages]) => ({
      name: `src/${folder}-packages`,
      comment: `Of npm it may import types of ${packages.join(', ')} alone.`,
      severity: 'error',
      from: { path: paths('src', [folder]) },
      to: { dependencyTypes: NPM, pathNot: `node_modules/(${packages.join('|')})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test|bench)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
