import type { ResizeBilinearAttrs, ResizeBilinearGradAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { kernels } from '../../backend/select.js';
import { define, entries, floats, type Inputs, type Kernel } from './define.js';

const RESIZES = { ResizeBilinear: 'resizeBilinear', ResizeNearestNeighbor: 'resizeNearest' } as const;

/** The sizes of both images: batch, height and width before and after, channels. */
function sizesOf(from: TensorInfo, [outHeight, outWidth]: readonly number[]) {
  const [batch, height, width, channels] = from.shape;
  return [batch, height, width, outHeight, outWidth, channels] as const;
}

/** Images of other sizes, in between their pixels or at the nearest, and the way back. */
export const resizing: readonly Kernel[] = entries(RESIZES).flatMap(([name, own]) => [
  define<Inputs<'images'>, ResizeBilinearAttrs>(name, floats, (backend, { images }, attrs) => {
    const { size, alignCorners, halfPixelCenters } = attrs;
    const sizes = sizesOf(images, size);
    const [batch, , , height, width, channels] = sizes;
    const y = backend.create([batch, height, width, channels], 'float32');
    const flags = [Number(alignCorners), Number(halfPixelCenters)] as const;
    if (y.values.length > 0) {
      kernels()[`${own}Forward`](...sizes, ...flags, backend.valuesOf('float32', images), y.values);
    }
    return y;
  }),
  define<Inputs<'images' | 'dy'>, ResizeBilinearGradAttrs>(
    `${name}Grad`,
    floats,
    (backend, inputs, attrs) => {
      const { images, dy } = inputs;
      const dx = backend.create(images.shape, 'float32');
      const sizes = sizesOf(images, dy.shape.slice(1, 3));
      // The gradients of TensorFlow.js know no centers of half pixels.
      const flags = [Number(attrs.alignCorners), 0, 0] as const;
      if (dx.values.length > 0) {
        kernels()[`${own}Backward`](...sizes, ...flags, backend.valuesOf('float32', dy), dx.values);
      }
      return dx;
    },
  ),
]);
