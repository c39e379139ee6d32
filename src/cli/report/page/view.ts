/** What a chart may have across, and what the box that follows the pointer calls it. */
export const AXES = { step: 'Step', log: 'Step', pass: 'Passes' } as const;

export type Axis = keyof typeof AXES;

const isAxis = (name: string | null | undefined): name is Axis =>
  name !== null && name !== undefined && Object.hasOwn(AXES, name);

/** What a table is sorted by. */
export interface Sorting {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}

export const FIRST_SORTING: Sorting = { column: 'test', direction: 'descending' };

/** What the reader chose to see, and who has to know when it changes. */
export const view = {
  /** Lines switched off, by key. */
  hidden: new Set<string>(),
  axis: 'log' as Axis,
  /** Of the axis that was chosen; `null`: all of it. */
  zoom: null as readonly [number, number] | null,
  sorting: FIRST_SORTING,
  /** The line pointed at. */
  highlighted: null as string | null,
  listeners: [] as (() => void)[],
  changed(): void {
    for (const listener of view.listeners) listener();
  },
};

/** How strongly a line is drawn: full, or faint while another one is pointed at. */
export function strengthOf(key: string): number {
  return view.highlighted === null || view.highlighted === key ? 1 : 0.15;
}

/** Something that can be switched off. */
interface Switch {
  readonly key: string;
  /** What a link calls it. */
  readonly id: string;
  readonly shown: boolean;
}

/** Turns all that is of one key on or off: buttons of legends, boxes of the table. And lets pointing at one bring out its line. */
export function connectSwitches(): void {
  const switches = [...document.querySelectorAll<HTMLElement>('[data-run]')];
  const keyOf = ({ dataset }: HTMLElement) => dataset.run ?? '';
  for (const element of switches) {
    const key = keyOf(element);
    element.addEventListener('click', () => {
      if (!view.hidden.delete(key)) view.hidden.add(key);
      view.highlighted = null;
      view.changed();
    });
    element.addEventListener('pointerenter', () => highlight(view.hidden.has(key) ? null : key));
    element.addEventListener('pointerleave', () => highlight(null));
  }
  view.listeners.push(() => {
    for (const element of switches) {
      const isShown = !view.hidden.has(keyOf(element));
      if (element instanceof HTMLInputElement) element.checked = isShown;
      else element.ariaPressed = String(isShown);
    }
  });
}

function highlight(key: string | null): void {
  if (view.highlighted === key) return;
  view.highlighted = key;
  view.changed();
}

/** The choice of what is across, and of several lines with one click. `best` is in order. */
export function connectChoices(all: readonly string[], best: readonly string[]): void {
  const axes = [...document.querySelectorAll<HTMLElement>('[data-axis]')];
  for (const button of axes) {
    button.addEventListener('click', () => {
      if (isAxis(button.dataset.axis)) view.axis = button.dataset.axis;
      view.zoom = null;
      view.changed();
    });
  }
  view.listeners.push(() => {
    for (const button of axes) button.ariaPressed = String(button.dataset.axis === view.axis);
  });
  for (const button of document.querySelectorAll<HTMLElement>('[data-choose]')) {
    button.addEventListener('click', () => {
      const { choose } = button.dataset;
      const wanted = choose === 'all' ? all : choose === 'best' ? best.slice(0, 5) : [];
      for (const key of all) {
        if (wanted.includes(key)) view.hidden.delete(key);
        else view.hidden.add(key);
      }
      view.changed();
    });
  }
}

/** Keeps the view in the address, so that a link to it shows the same. */
export function connectAddress(switches: readonly Switch[]): void {
  const start = switches.filter(({ shown }) => !shown).map(({ key }) => key);
  const read = () => {
    // A link to a place of the page says nothing of the view.
    if (document.getElementById(location.hash.slice(1)) !== null) return;
    const said = new URLSearchParams(location.hash.slice(1));
    const shown = said.getAll('show');
    view.hidden = new Set(
      said.has('show') ? switches.filter(({ id }) => !shown.includes(id)).map(({ key }) => key) : start,
    );
    const axis = said.get('axis');
    view.axis = isAxis(axis) ? axis : 'log';
    const zoom = (said.get('zoom') ?? '').split('to').map(Number);
    view.zoom =
      zoom.length === 2 && zoom.every(Number.isFinite) && zoom[0] < zoom[1] ? [zoom[0], zoom[1]] : null;
    const [column = '', direction] = (said.get('sort') ?? '').split(' ');
    view.sorting =
      column === '' ? FIRST_SORTING : { column, direction: direction === 'up' ? 'ascending' : 'descending' };
  };
  read();
  addEventListener('hashchange', () => {
    read();
    view.changed();
  });
  view.listeners.push(() => {
    const said = new URLSearchParams();
    const isAsAtFirst = view.hidden.size === start.length && start.every((key) => view.hidden.has(key));
    const shown = switches.filter(({ key }) => !view.hidden.has(key));
    if (!isAsAtFirst) for (const { id } of shown.length > 0 ? shown : [{ id: '' }]) said.append('show', id);
    if (view.axis !== 'log') said.set('axis', view.axis);
    if (view.zoom !== null)
      said.set('zoom', view.zoom.map((value) => Number(value.toPrecision(4))).join('to'));
    const { column, direction } = view.sorting;
    if (column !== FIRST_SORTING.column || direction !== FIRST_SORTING.direction) {
      said.set('sort', `${column} ${direction === 'ascending' ? 'up' : 'down'}`);
    }
    const hash = said.size === 0 ? '' : `#${said}`;
    if (hash !== location.hash)
      history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
  });
}
