import type { RefObject } from 'preact';

type Axis = 'vertical' | 'horizontal' | 'grid';

/** Where the focus goes from one place of rows of controls; undefined when the key means nothing here. Rows may have different lengths. */
export function nextPlace(rows: readonly number[], at: readonly [row: number, column: number], key: string): [row: number, column: number] | undefined {
  const [row, column] = at;
  const clamp = (wanted: number): [number, number] => [wanted, Math.max(0, Math.min(column, (rows[wanted] ?? 1) - 1))];
  switch (key) {
    case 'ArrowDown': return clamp((row + 1) % rows.length);
    case 'ArrowUp': return clamp((row + rows.length - 1) % rows.length);
    case 'ArrowRight': return column + 1 < (rows[row] ?? 0) ? [row, column + 1] : [(row + 1) % rows.length, 0];
    case 'ArrowLeft': {
      if (column > 0) return [row, column - 1];
      const before = (row + rows.length - 1) % rows.length;
      return [before, (rows[before] ?? 1) - 1];
    }
    case 'Home': return [0, 0];
    case 'End': return [rows.length - 1, (rows.at(-1) ?? 1) - 1];
    default: return undefined;
  }
}

const KEYS: Readonly<Record<Axis, RegExp>> = { vertical: /^(ArrowUp|ArrowDown|Home|End)$/, horizontal: /^(ArrowLeft|ArrowRight|Home|End)$/, grid: /^(Arrow\w+|Home|End)$/ };

/**
 * Arrow keys move the focus among the controls of a group, of which one is in the tab order. In a grid, each child of the
 * group that holds controls is a row.
 */
export function useRoving(group: RefObject<HTMLElement | null>, selector: string, axis: Axis): (event: KeyboardEvent) => void {
  return (event) => {
    const element = group.current;
    if (!element || !KEYS[axis].test(event.key)) return;
    const parts = axis === 'grid' ? [...element.children] : [];
    const all = axis === 'grid' ? parts.map((part) => controlsOf(part, selector)).filter((row) => row.length > 0) : controlsOf(element, selector).map((control) => [control]);
    const row = all.findIndex((controls) => controls.includes(document.activeElement as HTMLElement));
    if (row < 0) return;
    const key = axis === 'horizontal' ? event.key.replace('Left', 'Up').replace('Right', 'Down') : event.key;
    const place = nextPlace(all.map(({ length }) => length), [row, all[row]?.indexOf(document.activeElement as HTMLElement) ?? 0], key);
    const target = place && all[place[0]]?.[place[1]];
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
}

const controlsOf = (element: Element, selector: string): HTMLElement[] => [...element.querySelectorAll<HTMLElement>(selector)].filter((control) => !control.matches(':disabled'));
