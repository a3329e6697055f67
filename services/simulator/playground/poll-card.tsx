import { Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Poll } from './types.ts';

interface Props {
  poll: Poll;
  /** The user's own vote; absent while there is none. */
  vote: number[] | undefined;
  onVote: (optionIds: number[]) => void;
}

/** A poll or quiz: options to choose, then the result. */
export function PollCard({ poll, vote, onVote }: Props): JSX.Element {
  const [chosen, setChosen] = useState<number[]>([]);
  const hasVoted = vote !== undefined && vote.length > 0;
  const isQuiz = poll.type === 'quiz';
  const kind = `${poll.is_anonymous ? 'Anonymous' : 'Public'} ${isQuiz ? 'quiz' : 'poll'}`;
  const press = (option: number): void => {
    if (!poll.allows_multiple_answers) return onVote([option]);
    setChosen(chosen.includes(option) ? chosen.filter((one) => one !== option) : [...chosen, option]);
  };
  return (
    <div class="poll" role="group" aria-label={`${kind}: ${poll.question}`}>
      <b>{poll.question}</b>
      <small>{poll.is_closed ? 'Final results' : kind}</small>
      {poll.options.map((option, i) => (hasVoted || poll.is_closed
        ? <Result key={i} poll={poll} option={option} isOwn={vote?.includes(i) === true} isRight={isQuiz ? poll.correct_option_ids?.includes(i) === true : null} />
        : (
          <button type="button" key={i} class="option" aria-pressed={poll.allows_multiple_answers ? chosen.includes(i) : undefined} onClick={() => press(i)}>
            <span class={`mark${poll.allows_multiple_answers ? ' square' : ''}${chosen.includes(i) ? ' on' : ''}`} aria-hidden="true" />{option.text}
          </button>
        )))}
      {hasVoted && isQuiz && poll.explanation !== undefined && <p class="explanation">{poll.explanation}</p>}
      <div class="poll-foot">
        <small>{poll.total_voter_count === 0 ? 'No votes yet' : `${poll.total_voter_count} ${poll.total_voter_count === 1 ? 'vote' : 'votes'}`}</small>
        {poll.allows_multiple_answers && !hasVoted && !poll.is_closed && <button type="button" class="link" disabled={chosen.length === 0} onClick={() => onVote(chosen)}>Vote</button>}
        {hasVoted && !poll.is_closed && poll.allows_revoting !== false && !isQuiz && <button type="button" class="link" onClick={() => { setChosen([]); onVote([]); }}>Retract vote</button>}
      </div>
    </div>
  );
}

/** `isRight` is null where nothing is right or wrong. */
function Result({ poll, option, isOwn, isRight }: { poll: Poll; option: Poll['options'][number]; isOwn: boolean; isRight: boolean | null }): JSX.Element {
  const share = poll.total_voter_count === 0 ? 0 : Math.round((option.voter_count / poll.total_voter_count) * 100);
  const verdict = isRight === true ? ', right answer' : isRight === false && isOwn ? ', wrong answer' : '';
  return (
    <div class={`result${isOwn ? ' own' : ''}${verdict === '' ? '' : isRight ? ' right' : ' wrong'}`}>
      <span class="share">{share}%</span>
      <span>{option.text}{(isOwn || isRight === true) && <Icon name={isRight === false ? 'close' : 'check'} />}<span class="hidden">{isOwn ? ', your vote' : ''}{verdict}</span></span>
      <progress max={100} value={share} aria-label={`${option.text}: ${share}%`} />
    </div>
  );
}
