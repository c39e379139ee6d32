/** 1, -1, or x itself where it is 0 or NaN. Mirror: native/simd/sign.h. */
export function signOf(x: number): number {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}
