import type { backend_util, DataStorage, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WindowSizes } from '../core/window-geometry.js';
import { type ArrayFor, Arrays, arrayOf, holds, isNumberType, type NumberType } from './arrays.js';
import { cpu, tf } from './peers.js';

/** What TensorFlow.js calls this backend. */
export const BACKEND = 'lockstep';

type Values = backend_util.BackendValues;

const NOTHING = new Float32Array();

/** The elements of a tensor, and what the engine knows them by. */
export class Data {
  /** Complex numbers have none. */
  values?: Values;
  dtype: DataType;
  /** How many tensors share it. */
  refCount: number;
  /** The two halves of complex numbers, which are tensors of their own. */
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** The backend that has it, or null where it was disposed of or moved to another one. */
  home: LockstepBackend | null;
  /** A filter as the kernels of convolutions take it: see kernels/filters.ts. */
  filter: { readonly outputs: number; readonly values: Float32Array } | null = null;
  /** Where the largest of each window were, for the way back: see kernels/pooling.ts. */
  maxima: { readonly window: WindowSizes; readonly positions: Int32Array } | null = null;

  constructor(home: LockstepBackend, values: Values, dtype: DataType, refCount: number) {
    this.home = home;
    this.values = values;
    this.dtype = dtype;
    this.refCount = refCount;
  }
}

/** A result, while it is being computed. */
export interface Result<T extends NumberType> extends TensorInfo {
  readonly values: ArrayFor<T>;
}

/**
 * Where data is found by what the engine calls it. That is the data itself where this backend made it, so that there is
 * nothing to look up; what comes from another backend is kept beside.
 */
class Storage extends tf.DataStorage<Data> {
  readonly #backend: LockstepBackend;
  count = 0;

  constructor(backend: LockstepBackend) {
    super(backend, tf.engine());
    this.#backend = backend;
  }

  override get(dataId: object): Data {
    return dataId instanceof Data && dataId.home === this.#backend ? dataId : super.get(dataId);
  }

  override has(dataId: object): boolean {
    return (dataId instanceof Data && dataId.home === this.#backend) || super.has(dataId);
  }

  override delete(dataId: object): boolean {
    if (!(dataId instanceof Data) || dataId.home !== this.#backend) return super.delete(dataId);
    dataId.home = null;
    this.count--;
    return true;
  }

  override numDataIds(): number {
    return this.count + super.numDataIds();
  }
}

/**
 * A backend of TensorFlow.js over the kernels of this package. Operations that it has no kernel for run as in the cpu
 * backend, whose storage has the same form.
 */
export class LockstepBackend extends cpu.MathBackendCPU {
  readonly arrays = new Arrays();
  readonly #storage = new Storage(this);
  override data: DataStorage<Data> = this.#storage;

  /** A tensor over `values`, which are not copied. */
  override write(values: Values, _shape: number[], dtype: DataType): Data {
    // Perhaps a part of the memory of another tensor, which then is no longer ours alone.
    this.arrays.keep(values);
    this.#storage.count++;
    return new Data(this, values, dtype, 1);
  }

  override move(dataId: object, values: Values, _shape: number[], dtype: DataType, refCount: number): void {
    this.arrays.keep(values);
    this.#storage.set(dataId, new Data(this, values, dtype, refCount));
  }

  /** A new tensor with arbitrary contents, for a kernel to write. */
  create<T extends NumberType>(shape: number[], dtype: T, size = tf.util.sizeFromShape(shape)): Result<T> {
    const values = this.arrays.take(dtype, size);
    this.#storage.count++;
    return { dataId: new Data(this, values, dtype, 1), shape, dtype, values };
  }

  /** Another name for the same elements. */
  share({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
    this.data.get(dataId).refCount++;
    return { dataId, shape, dtype };
  }

  /**
   * The elements of a tensor. Its type is the tensor's: the cpu backend hands out whole numbers and truth values as
   * float32 without touching them.
   */
  valuesOf<T extends NumberType>(dtype: T, { dataId }: TensorInfo): ArrayFor<T>;
  valuesOf(dtype: NumberType, { dataId }: TensorInfo): ArrayFor<NumberType> {
    const { values } = this.data.get(dataId);
    if (holds(dtype, values)) return values;
    return arrayOf(dtype, Array.from(values ?? [], Number));
  }

  override readSync(dataId: object): Values {
    this.arrays.keep(this.data.get(dataId).values);
    return super.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    const { complexTensorInfos, values, dtype } = data;
    if (complexTensorInfos !== undefined) {
      this.disposeData(complexTensorInfos.real.dataId, true);
      this.disposeData(complexTensorInfos.imag.dataId, true);
    }
    this.data.delete(dataId);
    if (isNumberType(dtype) && holds(dtype, values)) this.arrays.release(dtype, values);
    // What is disposed of must not keep its memory alive.
    data.values = NOTHING;
    this.forgetFilter(data);
    if (data.maxima !== null) this.arrays.release('int32', data.maxima.positions);
    data.maxima = null;
    return true;
  }

  /** For who changes the elements of a filter in their place. */
  forgetFilter(data: Data): void {
    if (data.filter !== null) this.arrays.release('float32', data.filter.values);
    data.filter = null;
  }

  override memory() {
    return { unreliable: false, reasons: [] };
  }

  override dispose(): void {
    this.arrays.clear();
  }
}
