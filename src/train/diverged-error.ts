/** The loss is no number any more: nothing more can be learnt from it. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  /** The step whose loss it was, counted from 1; it was not taken, unless it is the sampled loss behind it that is no number. */
  readonly step: number;

  constructor(loss: number, step: number, epoch: number) {
    super(
      `the loss is ${loss} at step ${step}, in epoch ${epoch}: take a lower learning rate, a warm-up or clipGradNorm, and ` +
        'see whether the data hold numbers that are not finite',
    );
    this.step = step;
  }
}
