import { useRoving } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { GivenReaction } from './types.ts';

const EMOJI = ['👍', '👎', '❤', '🔥', '🎉', '😁', '🤔', '😢'] as const;

/** Reactions by emoji, in the order they came. */
export function countReactions(reactions: readonly GivenReaction[], userId: number): { emoji: string; count: number; isOwn: boolean }[] {
  const found = new Map<string, { emoji: string; count: number; isOwn: boolean }>();
  for (const { user_id, reaction } of reactions) {
    for (const { emoji = '✦' } of reaction) {
      const before = found.get(emoji) ?? { emoji, count: 0, isOwn: false };
      found.set(emoji, { emoji, count: before.count + 1, isOwn: before.isOwn || user_id === userId });
    }
  }
  return [...found.values()];
}

/** The reactions to a message; one's own can be taken back. */
export function ReactionRow({ reactions, userId, onToggle }: { reactions: readonly GivenReaction[]; userId: number; onToggle: (emoji: string, isOwn: boolean) => void }): JSX.Element | null {
  const counts = countReactions(reactions, userId);
  if (counts.length === 0) return null;
  return (
    <div class="reactions">
      {counts.map(({ emoji, count, isOwn }) => (
        <button type="button" key={emoji} aria-pressed={isOwn} aria-label={`${emoji} ${count}`} onClick={() => onToggle(emoji, isOwn)}>{emoji} {count}</button>
      ))}
    </div>
  );
}

/** A few reactions to choose from. */
export function ReactionPicker({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }): JSX.Element {
  const group = useRef<HTMLDivElement>(null);
  const roving = useRoving(group, 'button', 'horizontal');
  useEffect(() => {
    group.current?.querySelector('button')?.focus();
    const outside = (event: Event): void => { if (event.target instanceof Node && !group.current?.contains(event.target)) onClose(); };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  return (
    <div ref={group} class="picker" role="group" aria-label="Reactions" onKeyDown={(event) => { event.stopPropagation(); if (event.key === 'Escape') onClose(); else roving(event); }}>
      {EMOJI.map((emoji, i) => <button type="button" key={emoji} tabIndex={i === 0 ? 0 : -1} onClick={() => onPick(emoji)}>{emoji}</button>)}
    </div>
  );
}
