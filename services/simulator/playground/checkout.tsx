import { Dialog, Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { priceOf } from './keyboards.ts';
import type { Invoice, Message, Paid } from './types.ts';

/** The card of an invoice; its Pay button is in the message's keyboard, or made up where there is none. */
export function InvoiceCard({ invoice, onPay }: { invoice: Invoice; onPay: (() => void) | null }): JSX.Element {
  return (
    <div class="invoice">
      <b>{invoice.title}</b>
      <p>{invoice.description}</p>
      <span class="price">{priceOf(invoice)}</span>
      {onPay && <button type="button" class="primary slim" onClick={onPay}>Pay {priceOf(invoice)}</button>}
    </div>
  );
}

type Step = { kind: 'choose' } | { kind: 'waiting' } | { kind: 'done'; result: Paid } | { kind: 'failed'; problem: string };

/** The checkout: how to pay, the wait for the bot's pre-checkout answer, and what came of it. */
export function Checkout({ message, invoice, onPay, onClose }: { message: Message; invoice: Invoice; onPay: (message: Message, decline: boolean) => Promise<Paid>; onClose: () => void }): JSX.Element {
  const [step, setStep] = useState<Step>({ kind: 'choose' });
  const [decline, setDecline] = useState(false);
  const isStars = invoice.currency === 'XTR';
  const pay = (): void => {
    setStep({ kind: 'waiting' });
    onPay(message, decline).then((result) => setStep({ kind: 'done', result }), (error: unknown) => setStep({ kind: 'failed', problem: (error as Error).message }));
  };
  return (
    <Dialog title="Checkout" onClose={onClose}>
      <div class="form">
        <div class="invoice"><b>{invoice.title}</b><p>{invoice.description}</p><span class="price">{priceOf(invoice)}</span></div>
        {step.kind === 'choose' && (
          <>
            <fieldset>
              <legend>Pay with</legend>
              <label class="check"><input type="radio" name="method" checked={!decline} onChange={() => setDecline(false)} />{isStars ? 'Stars, enough of them' : 'Test card •••• 4242'}</label>
              <label class="check"><input type="radio" name="method" checked={decline} onChange={() => setDecline(true)} />{isStars ? 'Stars, too few: the payment fails' : 'Test card •••• 0002: the bank declines'}</label>
            </fieldset>
            <div class="actions"><button type="button" class="secondary" onClick={onClose}>Cancel</button><button type="button" class="primary" onClick={pay}>Pay {priceOf(invoice)}</button></div>
          </>
        )}
        <div role="status">
          {step.kind === 'waiting' && <p class="wait"><span class="spinner" />Waiting for the bot to answer the pre-checkout query …</p>}
          {step.kind === 'failed' && <p class="problem">{step.problem}</p>}
          {step.kind === 'done' && <Outcome result={step.result} />}
        </div>
        {(step.kind === 'done' || step.kind === 'failed') && <div class="actions"><button type="button" class="primary" onClick={onClose}>Done</button></div>}
      </div>
    </Dialog>
  );
}

const OUTCOMES: Readonly<Record<Paid['status'], string>> = {
  paid: 'Paid. The bot got successful_payment.',
  refused: 'The bot refused the checkout.',
  declined: 'The payment was declined; the bot hears nothing of it.',
  timeout: 'The bot did not answer the pre-checkout query within 10 seconds, so Telegram cancelled the payment.',
};

function Outcome({ result }: { result: Paid }): JSX.Element {
  const said = result.error_message ?? '';
  return <p class={result.status === 'paid' ? 'good-note' : 'problem'}>{result.status === 'paid' && <Icon name="check" />} {OUTCOMES[result.status]}{said !== '' && <> It says: “{said}”</>}</p>;
}
