/** Three digits that say most: 0.0123, 1,230, 1.2e-5. */
export function shortNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) {
    return value.toExponential(1).replace('.0e', 'e');
  }
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** Where a logarithmic axis has its ticks: at 1, 2, 5 times powers of ten where few powers are in sight, else at powers. */
export function logarithmicTicks(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  const factors = decades <= 2.6 ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / 8);
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    if (exponent % every !== 0) continue;
    // Read back from text, as 10 ** -3 is not the number nearest to 0.001.
    for (const factor of factors) ticks.push(Number(`${factor}e${exponent}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** The largest index whose value in the ascending list is at most the limit, or -1. */
export function lastAtMost(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
