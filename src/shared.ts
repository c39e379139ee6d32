/** Whether another thread may write to the array while it is being read. */
export function isShared(array: ArrayBufferView): boolean {
  return !(array.buffer instanceof ArrayBuffer);
}
