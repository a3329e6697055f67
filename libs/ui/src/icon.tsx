import type { JSX } from 'preact';

const PATHS = {
  send: 'M20 4 4 10.8l6.4 2.8L13.2 20 20 4zM20 4l-9.6 9.6',
  code: 'm9 8-4 4 4 4m6-8 4 4-4 4',
  close: 'm6 6 12 12M18 6 6 18',
  back: 'm14 6-6 6 6 6',
  down: 'm6 10 6 6 6-6',
  slash: 'M15 5 9 19',
  plus: 'M12 5v14M5 12h14',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  more: 'M12 6.5h.01M12 12h.01M12 17.5h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4 4',
  keyboard: 'M4 7h16v10H4zM7.5 10.5h.01M12 10.5h.01M16.5 10.5h.01M8.5 13.8h7',
  clip: 'm18.5 11-6.7 6.7a4 4 0 0 1-5.6-5.6l7-7a2.7 2.7 0 0 1 3.8 3.8l-7 7a1.3 1.3 0 0 1-1.9-1.9l6.3-6.3',
  file: 'M7 4h7l4 4v12H7zM14 4v4h4',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4L16 12l4 4M9 9.5h.01',
  music: 'M9 17.5V6l10-2v11M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zm10-2.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  mic: 'M12 14a3 3 0 0 0 3-3V7a3 3 0 0 0-6 0v4a3 3 0 0 0 3 3zm-6-3a6 6 0 0 0 12 0M12 17v3',
  pin: 'M12 21s6.5-6 6.5-11a6.5 6.5 0 0 0-13 0c0 5 6.5 11 6.5 11zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  person: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zm-6.5 8a6.5 6.5 0 0 1 13 0',
  people: 'M9 11.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3.5 19a5.5 5.5 0 0 1 11 0M16 11.5a2.6 2.6 0 1 0-1.5-4.8M16.5 14a5 5 0 0 1 4 5',
  link: 'M8 16 16.5 7.5M9.5 7.5h7v7',
  copy: 'M9 9h10v11H9zM6 15H5V4h10v2',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
  edit: 'm5 19 1-4L16 5l3 3L9 18zM14 7l3 3',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
  reply: 'm9 7-5 5 5 5M4 12h9a6 6 0 0 1 6 6',
  smile: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM9 10h.01M15 10h.01M8.5 14a4.3 4.3 0 0 0 7 0',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4',
  moon: 'M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z',
  auto: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 4v16',
  bolt: 'M13 3 5 13.5h6L10 21l8-10.5h-6z',
  block: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM6.5 6.5l11 11',
  shield: 'M12 3.5 5.5 6v5.5c0 4 2.7 7 6.5 9 3.8-2 6.5-5 6.5-9V6z',
  door: 'M14 4h4v16h-4M4 12h10m0 0-3.5-3.5M14 12l-3.5 3.5',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  chart: 'M5 20V11m7 9V4m7 16v-6',
  card: 'M3.5 6h17v12h-17zM3.5 10h17M7 14.5h3',
  star: 'm12 4 2.4 5 5.6.7-4.1 3.8 1.1 5.5-5-2.8-5 2.8 1.1-5.5L4 9.7 9.6 9z',
  globe: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM4 12h16M12 4c2.2 2.2 3.3 4.9 3.3 8S14.200 17.800 12 20c-2.200-2.200-3.300-4.900-3.300-8S9.800 6.200 12 4z',
  eye: 'M3 12s3.300-6 9-6 9 6 9 6-3.300 6-9 6-9-6-9-6zm9 2.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing; the control it stands in carries the name. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}
