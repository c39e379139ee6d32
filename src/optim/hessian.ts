/**
 * What an optimizer knows of the curvature of the loss: it asks for gradients at targets that are drawn from the model's own predictions
 * now and then, beside those of the steps.
 */
export interface HessianEstimate {
  /** Whether it is to be updated, after the step that was taken last. */
  readonly isDue: boolean;
  /** Takes the gradients that are there as those of the mean loss at such targets. */
  update(): void;
}
