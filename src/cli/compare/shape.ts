/** How long the dimensions of a row are that is an image. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What goes into a network, and what comes out. */
export interface NetworkShape {
  readonly columns: number;
  /** Numbers that it gives for a row: classes, or targets of a regression. */
  readonly classes: number;
  /** Of rows that are images; channels come last. */
  readonly image: ImageShape | null;
}
