import type { Shape } from '../../core/shapes.js';
import { placeTransposed, placeWindow, type Window } from '../../core/window-geometry.js';
import * as nn from '../../nn/index.js';
import type { Emitter, Value } from './emitter.js';

// Convolutions, pooling and resizing: of images of one row, where they are over sequences.

/** Height and width of a value: 1 and the length of a sequence. */
function sizeOf({ shape }: Value, { rank }: { readonly rank: number }): readonly [number, number] {
  return rank === 1 ? [1, shape[1]] : [shape[1], shape[2]];
}

/** What ONNX takes of a pair: the last one for sequences. */
const along = (pair: readonly number[], { rank }: { readonly rank: number }) => pair.slice(2 - rank);

function outShape(
  x: Value,
  { rank }: { readonly rank: number },
  sizes: readonly number[],
  channels: number,
): Shape {
  return [x.shape[0], ...along(sizes, { rank }), channels];
}

function attributesOf(window: Window) {
  return {
    strides: along(window.stride, window),
    dilations: along(window.dilation, window),
    kernel_shape: along(window.kernel, window),
  };
}

export function convolution(emit: Emitter, layer: nn.Conv1d | nn.Conv2d, x: Value, path: string): Value {
  const { weight, bias, groups, window } = layer;
  const [, , down, across] = placeWindow(window, ...sizeOf(x, window));
  const operands = [emit.second(x), emit.filter(weight, `${path}weight`)];
  if (bias !== null) operands.push(emit.weight(bias, `${path}bias`));
  const pads = [...along(window.before, window), ...along(window.after, window)];
  const y = emit.node('Conv', operands, { ...attributesOf(window), pads, group: groups });
  return { shape: outShape(x, window, [down, across], weight.shape[0]), last: null, second: y };
}

export function transposedConvolution(
  emit: Emitter,
  layer: nn.ConvTranspose1d | nn.ConvTranspose2d,
  x: Value,
  path: string,
): Value {
  const { weight, bias, groups } = layer;
  const { window, outputPadding } = layer.window;
  const [down, across] = placeTransposed(window, outputPadding, ...sizeOf(x, window));
  const operands = [emit.second(x), emit.filter(weight, `${path}weight`)];
  if (bias !== null) operands.push(emit.weight(bias, `${path}bias`));
  const more = along(
    typeof outputPadding === 'number' ? [outputPadding, outputPadding] : outputPadding,
    window,
  );
  const before = along(window.before, window);
  // Less padding at the end gives the same, where there is as much: ONNX Runtime takes no more than the stride instead.
  const after = before.map((count, d) => (count >= more[d] ? count - more[d] : count));
  const rest = more.map((count, d) => (before[d] >= count ? 0 : count));
  if (rest.some((count, d) => count >= along(window.stride, window)[d] && count > 0)) {
    throw new Error('ONNX Runtime has no outputPadding of the stride or more that is more than the padding');
  }
  const attributes = { pads: [...before, ...after], group: groups, output_padding: rest };
  const y = emit.node('ConvTranspose', operands, { ...attributesOf(window), ...attributes });
  const channels = (weight.shape.at(-1) ?? 0) * groups;
  return { shape: outShape(x, window, [down, across], channels), last: null, second: y };
}

/** Padding at the end is what the windows reach over, which says how many there are in every version of ONNX. */
export function pooling(
  emit: Emitter,
  layer: nn.MaxPool1d | nn.MaxPool2d | nn.AvgPool1d | nn.AvgPool2d,
  x: Value,
): Value {
  const { window } = layer;
  const size = sizeOf(x, window);
  const [, , ...outputs] = placeWindow(window, ...size).slice(0, 4);
  const after = outputs.map((count, d) => {
    const reached = (count - 1) * window.stride[d] + window.dilation[d] * (window.kernel[d] - 1) + 1;
    return Math.max(0, reached - size[d] - window.before[d]);
  });
  const pads = [...along(window.before, window), ...along(after, window)];
  const { dilations, ...rest } = attributesOf(window);
  const shape = outShape(x, window, outputs, x.shape.at(-1) ?? 0);
  if (layer instanceof nn.MaxPool1d || layer instanceof nn.MaxPool2d) {
    const y = emit.node('MaxPool', [emit.second(x)], { ...rest, dilations, pads });
    return { shape, last: null, second: y };
  }
  // Without padding there is none to count, and ceilMode alone is what ONNX leaves out.
  const countIncludePad = layer.countIncludePad && [...window.before, ...window.after].some((n) => n > 0);
  if (countIncludePad && after.some((count, d) => count > window.after[d])) {
    throw new Error('ONNX has no mean that counts padding, but not what ceilMode adds to it');
  }
  const y = emit.node('AveragePool', [emit.second(x)], {
    ...rest,
    pads,
    count_include_pad: Number(countIncludePad),
  });
  return { shape, last: null, second: y };
}

/** The elements of windows that are as even as they can be: so many of `length`. */
function evenWindows(length: number, windows: number): { readonly first: number; readonly end: number }[] {
  return Array.from({ length: windows }, (_, r) => ({
    first: Math.floor((r * length) / windows),
    end: Math.ceil(((r + 1) * length) / windows),
  }));
}

/** The largest elements of such windows, of one dimension after the other: shorter ones have their last element twice. */
export function adaptiveMax(emit: Emitter, given: readonly (number | null)[], x: Value): Value {
  const [batch, ...places] = x.shape.slice(0, -1);
  const outputs = places.map((length, d) => given[d] ?? length);
  let y = emit.second(x);
  places.forEach((length, d) => {
    const windows = evenWindows(length, outputs[d]);
    const width = Math.max(...windows.map(({ first, end }) => end - first));
    const indices = windows.flatMap(({ first, end }) =>
      Array.from({ length: width }, (_, i) => BigInt(Math.min(first + i, end - 1))),
    );
    const elements = emit.graph.constant(BigInt64Array.from(indices), [windows.length, width]);
    const gathered = emit.node('Gather', [y, elements], { axis: d + 2 });
    y = emit.node('ReduceMax', [gathered, emit.integers([d + 3])], { keepdims: 0 });
  });
  return { shape: [batch, ...outputs, x.shape.at(-1) ?? 0], last: null, second: y };
}

/** Means of such windows: products with their shares. */
export function adaptive(emit: Emitter, given: readonly (number | null)[], x: Value): Value {
  const [batch, ...places] = x.shape.slice(0, -1);
  const outputs = places.map((length, d) => given[d] ?? length);
  const shares = places.map((length, d) =>
    evenWindows(length, outputs[d]).flatMap(({ first, end }) =>
      Array.from({ length }, (_, at) => (at >= first && at < end ? 1 / (end - first) : 0)),
    ),
  );
  const matrices = shares.map((values, d) => emit.floats(values, [outputs[d], places[d]]));
  const across = emit.node('Transpose', [matrices[matrices.length - 1]], { perm: [1, 0] });
  let y = emit.node('MatMul', [emit.second(x), across]);
  if (matrices.length === 2) y = emit.node('MatMul', [matrices[0], y]);
  return { shape: [batch, ...outputs, x.shape.at(-1) ?? 0], last: null, second: y };
}

export function upsample(emit: Emitter, { interpolation }: nn.Upsample, x: Value, shape: Shape): Value {
  const { mode, alignCorners } = interpolation;
  const places = shape.slice(1, -1);
  const coordinates = mode === 'nearest' ? 'asymmetric' : alignCorners ? 'align_corners' : 'half_pixel';
  // All lengths: ONNX Runtime loses sizes of some dimensions (`axes`) where it moves a Transpose past them.
  const input = emit.second(x);
  const others = emit.node('Shape', [input], { start: 0, end: 2 });
  const sizes = emit.node('Concat', [others, emit.integers(places)], { axis: 0 });
  const y = emit.node('Resize', [input, '', '', sizes], {
    mode: mode === 'nearest' ? 'nearest' : 'linear',
    nearest_mode: 'floor',
    coordinate_transformation_mode: coordinates,
  });
  return { shape, last: null, second: y };
}
