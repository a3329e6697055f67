/** Where Telegram's webhook requests come from (core.telegram.org/bots/webhooks). */
export const TELEGRAM_CIDRS = ['149.154.160.0/20', '91.108.4.0/22'] as const;
