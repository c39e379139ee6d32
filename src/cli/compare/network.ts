import {
  Conv2d,
  Flatten,
  Generator,
  GlobalAvgPool2d,
  Linear,
  MaxPool2d,
  type Module,
  noGrad,
  Residual,
  Sequential,
  Unflatten,
} from '../../nn/index.js';
import { UsageError } from '../errors.js';
import { changeInWords, NETWORKS } from './factors.js';
import { activations, imageNorm, inits, rowNorm } from './layers.js';
import type { ImageShape, NetworkShape } from './shape.js';
import type { Settings } from './study.js';
import { readUserModel, type UserModel } from './user-model.js';

type Structure = Pick<Settings, 'depth' | 'width' | 'activation' | 'norm' | 'residual'>;

/** A network before its weights are given, from rows [rows, columns]. */
type Build = (structure: Structure, shape: NetworkShape, generator: Generator) => Module;

const builders: Readonly<Record<(typeof NETWORKS)[number], Build>> = { mlp, cnn, resnet };

/** What networks begin as where nothing else is asked for. */
export function structureOf(network: string, columns: number): Omit<Structure, 'activation'> {
  if (network === 'cnn') return { depth: 2, width: 16, norm: 'none', residual: false };
  if (network === 'resnet') return { depth: 7, width: 16, norm: 'batch', residual: true };
  // Images need more than a few measurements.
  return { depth: 2, width: columns >= 256 ? 128 : 64, norm: 'layer', residual: true };
}

/** A network whose first weights are those of the seed. @throws UsageError where it does not suit the data. */
export async function buildNetwork(settings: Settings, shape: NetworkShape, seed: number): Promise<Module> {
  const generator = new Generator(seed);
  const { network } = settings;
  if (isBuiltIn(network))
    return initialised(builders[network](settings, shape, generator), settings, generator);
  return (await userModel(network)).build({ ...settings, ...shape, generator });
}

export const isBuiltIn = (network: string): network is (typeof NETWORKS)[number] =>
  NETWORKS.some((name) => name === network);

const loaded = new Map<string, Promise<UserModel>>();

/** A module is run once, however many networks it makes. */
export function userModel(path: string): Promise<UserModel> {
  const model = loaded.get(path) ?? readUserModel(path);
  loaded.set(path, model);
  return model;
}

/** Gives the weights of all linear layers and convolutions their first numbers, in order. */
function initialised(model: Module, { init }: Pick<Settings, 'init'>, generator: Generator): Module {
  const fill = inits.get(init) ?? null;
  if (fill === null) return model;
  noGrad(() => {
    for (const layer of model.modules()) {
      if (!(layer instanceof Linear || layer instanceof Conv2d)) continue;
      fill(layer.weight, generator);
      layer.bias?.fill_(0);
    }
  });
  return model;
}

function activationOf({ activation }: Structure): Module {
  const create = activations.get(activation);
  if (create === undefined) throw new UsageError(`activation: no ${JSON.stringify(activation)}`);
  return create();
}

/**
 * `depth` linear layers of one width and a last one. All but the first come after their normalisation and activation (He et al.
 * 2016, "Identity Mappings in Deep Residual Networks"), so that nothing but additions is on the way past them.
 */
function mlp(structure: Structure, { columns, classes }: NetworkShape, generator: Generator): Module {
  const { depth, width, norm, residual } = structure;
  const before = () => [...rowNorm(norm, width), activationOf(structure)];
  const block = () => {
    const body = new Sequential(...before(), new Linear(width, width, { generator }));
    return residual ? new Residual(body) : body;
  };
  return new Sequential(
    new Linear(columns, width, { generator }),
    ...Array.from({ length: depth - 1 }, block),
    ...before(),
    new Linear(width, classes, { generator }),
  );
}

/**
 * `depth` convolutions of 3 x 3 and a linear layer. After the first half of them and after the last one the image is halved (where
 * it can be), and the second half has twice the channels. Those that keep the shape can be residual.
 */
function cnn(structure: Structure, shape: NetworkShape, generator: Generator): Module {
  const { depth, width, norm, residual } = structure;
  const image = imageOf(shape, 'cnn');
  const layers: Module[] = [toImage(image)];
  let [{ height, width: across }, channels] = [image, image.channels];
  const half = Math.ceil(depth / 2);
  for (let number = 1; number <= depth; number++) {
    const to = number <= half ? width : 2 * width;
    const body = new Sequential(
      convolution(channels, to, 1, generator),
      ...imageNorm(norm, to),
      activationOf(structure),
    );
    layers.push(residual && channels === to ? new Residual(body) : body);
    channels = to;
    if ((number === half || number === depth) && Math.min(height, across) >= 2) {
      layers.push(new MaxPool2d(2));
      [height, across] = [Math.floor(height / 2), Math.floor(across / 2)];
    }
  }
  const last = new Linear(height * across * channels, shape.classes, { generator });
  return new Sequential(...layers, new Flatten(), last);
}

/** Stages of a residual network, between which the image is halved and the channels are doubled. */
const STAGES = 3;

/**
 * `depth` convolutions of 3 x 3, the mean over the image and a linear layer, as the residual networks for small images of He et al. (2016):
 * the first convolution, then blocks of two (the last of one where the number is even), in three stages. Where not `residual`,
 * nothing goes past the blocks: their plain networks.
 */
function resnet(structure: Structure, shape: NetworkShape, generator: Generator): Module {
  const { depth, width, norm, residual } = structure;
  const image = imageOf(shape, 'resnet');
  const blocks = Math.ceil((depth - 1) / 2);
  const layers: Module[] = [toImage(image), convolution(image.channels, width, 1, generator)];
  let [channels, stage] = [width, 0];
  for (let number = 0; number < blocks; number++) {
    const own = Math.floor((number * STAGES) / blocks);
    const stride = own > stage ? 2 : 1;
    stage = own;
    const to = width * 2 ** stage;
    const isSingle = number === blocks - 1 && depth % 2 === 0;
    const body = new Sequential(
      ...convolved(structure, channels, to, stride, generator),
      ...(isSingle ? [] : convolved(structure, to, to, 1, generator)),
    );
    const shortcut =
      channels === to ? {} : { shortcut: new Conv2d(channels, to, 1, { stride, generator, bias: false }) };
    layers.push(residual ? new Residual(body, shortcut) : body);
    channels = to;
  }
  return new Sequential(
    ...layers,
    ...imageNorm(norm, channels),
    activationOf(structure),
    new GlobalAvgPool2d(),
    new Linear(channels, shape.classes, { generator }),
  );
}

function convolved(
  structure: Structure,
  from: number,
  to: number,
  stride: number,
  generator: Generator,
): Module[] {
  return [
    ...imageNorm(structure.norm, from),
    activationOf(structure),
    convolution(from, to, stride, generator),
  ];
}

const convolution = (from: number, to: number, stride: number, generator: Generator) =>
  new Conv2d(from, to, 3, { stride, padding: 1, generator });

const toImage = ({ height, width, channels }: ImageShape) => new Unflatten(1, [height, width, channels]);

function imageOf({ image, columns }: NetworkShape, network: string): ImageShape {
  if (image !== null) return image;
  throw new UsageError(
    `${network} is for images, and the ${columns} columns of the data are none: say how they lie with --image, as 28x28 or 32x32x3`,
  );
}

/** What {@link buildNetwork} builds, in words. */
export function networkInWords({
  network,
  depth,
  width,
  activation,
  init,
  norm,
  residual,
}: Settings): string {
  const structure = changeInWords({ depth, width, activation, init, norm, residual });
  return `${changeInWords({ network })}: ${structure}`;
}
