import type { ComponentChild, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TextNode } from './text-tree.ts';
import { linkTarget, textTree } from './text-tree.ts';
import type { Entity } from './types.ts';

interface Props {
  text: string;
  entities?: Entity[] | undefined;
  onCommand: (command: string) => void;
  /** A link was pressed; `shown` is what the reader saw of it. */
  onLink: (url: string, shown: string) => void;
}

/** Text with Telegram's entities. */
export function RichText({ text, entities, onCommand, onLink }: Props): JSX.Element {
  return <>{textTree(text, entities).map((node, i) => <Node key={i} node={node} onCommand={onCommand} onLink={onLink} />)}</>;
}

type NodeProps = Pick<Props, 'onCommand' | 'onLink'> & { node: TextNode };

const TAGS: Readonly<Record<string, 'strong' | 'em' | 'u' | 's' | 'code' | 'blockquote'>> = {
  bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', blockquote: 'blockquote',
};

function Node({ node, onCommand, onLink }: NodeProps): JSX.Element {
  if (typeof node === 'string') return <>{node}</>;
  const { entity, text } = node;
  const children: ComponentChild = node.children.map((child, i) => <Node key={i} node={child} onCommand={onCommand} onLink={onLink} />);
  const Tag = TAGS[entity.type];
  if (Tag !== undefined) return <Tag>{children}</Tag>;
  switch (entity.type) {
    case 'spoiler': return <Spoiler>{children}</Spoiler>;
    case 'expandable_blockquote': return <Expandable>{children}</Expandable>;
    case 'pre': return <Pre text={text} language={entity.language}>{children}</Pre>;
    case 'text_link': return <Link url={entity.url ?? ''} shown={text} onLink={onLink}>{children}</Link>;
    case 'url': return <Link url={text} shown={text} onLink={onLink}>{children}</Link>;
    case 'email': return <Link url={`mailto:${text}`} shown={text} onLink={onLink}>{children}</Link>;
    case 'phone_number': return <Link url={`tel:${text.replaceAll(/[^\d+]/g, '')}`} shown={text} onLink={onLink}>{children}</Link>;
    case 'bot_command': return <button type="button" class="link" onClick={() => onCommand(text)}>{children}</button>;
    case 'mention': case 'hashtag': case 'cashtag': case 'text_mention': return <span class="tinted">{children}</span>;
    default: return <>{children}</>;
  }
}

function Spoiler({ children }: { children: ComponentChild }): JSX.Element {
  const [isShown, setShown] = useState(false);
  if (isShown) return <span class="spoiler shown">{children}</span>;
  return <button type="button" class="spoiler" onClick={() => setShown(true)}><b class="hidden">Hidden text. Show it</b><span aria-hidden="true" inert>{children}</span></button>;
}

function Expandable({ children }: { children: ComponentChild }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <blockquote class={isOpen ? '' : 'folded'}>
      <div>{children}</div>
      <button type="button" class="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? 'Show less' : 'Show more'}</button>
    </blockquote>
  );
}

function Pre({ text, language, children }: { text: string; language: string | undefined; children: ComponentChild }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => undefined);
  return (
    <div class="pre">
      <div class="pre-top"><span>{language ?? 'code'}</span><button type="button" class="link" onClick={copy}>{copied ? 'Copied' : 'Copy'}</button></div>
      <pre tabIndex={0} role="region" aria-label={`Code${language === undefined ? '' : ` in ${language}`}`}><code>{children}</code></pre>
    </div>
  );
}

/** A link of a bot; the page decides what becomes of it. */
function Link({ url, shown, onLink, children }: { url: string; shown: string; onLink: Props['onLink']; children: ComponentChild }): JSX.Element {
  const target = linkTarget(url);
  if (!target) return <span class="tinted">{children}</span>;
  const href = target.kind === 'bot' ? `/play/${target.username}` : target.url;
  return <a href={href} target="_blank" rel="noreferrer noopener" onClick={(event) => { event.preventDefault(); onLink(url, shown); }}>{children}</a>;
}
