/** @typedef {'step' | 'log' | 'pass'} Axis */

/** What the reader chose to see, and who has to know when it changes. */
export const view = {
  /** @type {Set<string>} Runs switched off. */
  hidden: new Set(),
  /** @type {string | null} The run pointed at. */
  highlighted: null,
  /** @type {(() => void)[]} */
  listeners: [],
  changed() {
    for (const listener of view.listeners) listener();
  },
};

/** Turns the legends' buttons into switches, and lets pointing at one bring out its run. */
export function connectLegends() {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('.legend button'));
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

function highlight(/** @type {string | null} */ id) {
  if (view.highlighted === id) return;
  view.highlighted = id;
  view.changed();
}

/** How strongly a run is drawn: full, or faint while another one is pointed at. */
export function strengthOf(/** @type {string} */ id) {
  return view.highlighted === null || view.highlighted === id ? 1 : 0.15;
}
