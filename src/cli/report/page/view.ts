/** What a chart may have across, and what the box that follows the pointer calls it. */
export const AXES = { step: 'Step', log: 'Step', pass: 'Passes' } as const;

export type Axis = keyof typeof AXES;

/** What the reader chose to see, and who has to know when it changes. */
export const view = {
  /** Runs switched off. */
  hidden: new Set<string>(),
  /** The run pointed at. */
  highlighted: null as string | null,
  listeners: [] as (() => void)[],
  changed(): void {
    for (const listener of view.listeners) listener();
  },
};

/** Turns the legends' buttons into switches, and lets pointing at one bring out its run. */
export function connectLegends(): void {
  const buttons = document.querySelectorAll<HTMLButtonElement>('.legend button');
  for (const button of buttons) {
    const id = button.dataset.run ?? '';
    button.addEventListener('click', () => {
      if (!view.hidden.delete(id)) view.hidden.add(id);
      view.highlighted = null;
      view.changed();
    });
    button.addEventListener('pointerenter', () => highlight(view.hidden.has(id) ? null : id));
    button.addEventListener('pointerleave', () => highlight(null));
  }
  view.listeners.push(() => {
    for (const button of buttons) button.ariaPressed = String(!view.hidden.has(button.dataset.run ?? ''));
  });
}

function highlight(id: string | null): void {
  if (view.highlighted === id) return;
  view.highlighted = id;
  view.changed();
}

/** How strongly a run is drawn: full, or faint while another one is pointed at. */
export function strengthOf(id: string): number {
  return view.highlighted === null || view.highlighted === id ? 1 : 0.15;
}
