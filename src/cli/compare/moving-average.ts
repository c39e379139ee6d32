/**
 * An exponential moving average over about `window` values, corrected for starting at zero as Adam's are (Kingma and Ba
 * 2015, section 3), so that after the first value it is that value.
 */
export class MovingAverage {
  readonly #keep: number;
  #sum = 0;
  #weight = 0;

  constructor(window: number) {
    this.#keep = 1 - 1 / Math.max(1, window);
  }

  /** Takes in one more value, and returns the average. */
  add(value: number): number {
    this.#sum = this.#keep * this.#sum + (1 - this.#keep) * value;
    this.#weight = this.#keep * this.#weight + (1 - this.#keep);
    return this.#sum / this.#weight;
  }
}
