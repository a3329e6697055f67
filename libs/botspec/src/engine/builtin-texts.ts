/** Texts of ours, for bots that bring none of their own. */
export interface BuiltinTexts {
  error: string;
  stale: string;
  text: string;
  integer: string;
  number: string;
  choice: string;
}

export type BuiltinText = keyof BuiltinTexts;

const ENGLISH: BuiltinTexts = {
  error: 'Something went wrong. Please try again later.',
  stale: 'This button is no longer active.',
  text: 'Please answer with a text message.',
  integer: 'Please answer with a whole number, for example 3.',
  number: 'Please answer with a number, for example 3.5.',
  choice: 'Please choose one of the options.',
};

const BY_LANGUAGE: { readonly [language: string]: BuiltinTexts } = {
  en: ENGLISH,
  de: {
    error: 'Etwas ist schiefgegangen. Bitte versuche es später noch einmal.',
    stale: 'Diese Schaltfläche ist nicht mehr aktiv.',
    text: 'Bitte antworte mit einer Textnachricht.',
    integer: 'Bitte antworte mit einer ganzen Zahl, zum Beispiel 3.',
    number: 'Bitte antworte mit einer Zahl, zum Beispiel 3,5.',
    choice: 'Bitte wähle eine der Möglichkeiten.',
  },
  uk: {
    error: 'Щось пішло не так. Спробуйте, будь ласка, пізніше.',
    stale: 'Ця кнопка вже не діє.',
    text: 'Будь ласка, дайте відповідь текстом.',
    integer: 'Будь ласка, дайте відповідь цілим числом, наприклад 3.',
    number: 'Будь ласка, дайте відповідь числом, наприклад 3,5.',
    choice: 'Будь ласка, оберіть один із варіантів.',
  },
  ru: {
    error: 'Что-то пошло не так. Пожалуйста, попробуйте позже.',
    stale: 'Эта кнопка больше не действует.',
    text: 'Пожалуйста, ответьте текстом.',
    integer: 'Пожалуйста, ответьте целым числом, например 3.',
    number: 'Пожалуйста, ответьте числом, например 3,5.',
    choice: 'Пожалуйста, выберите один из вариантов.',
  },
  es: {
    error: 'Algo ha salido mal. Inténtalo de nuevo más tarde.',
    stale: 'Este botón ya no está activo.',
    text: 'Responde con un mensaje de texto, por favor.',
    integer: 'Responde con un número entero, por ejemplo 3.',
    number: 'Responde con un número, por ejemplo 3,5.',
    choice: 'Elige una de las opciones, por favor.',
  },
  fr: {
    error: 'Une erreur est survenue. Veuillez réessayer plus tard.',
    stale: "Ce bouton n'est plus actif.",
    text: 'Veuillez répondre par un message texte.',
    integer: 'Veuillez répondre par un nombre entier, par exemple 3.',
    number: 'Veuillez répondre par un nombre, par exemple 3,5.',
    choice: "Veuillez choisir l'une des options.",
  },
};

/** The text in a locale or its language; English where we have none. */
export function builtinText(name: BuiltinText, locale: string): string {
  const language = locale.split('-')[0] ?? '';
  return (Object.hasOwn(BY_LANGUAGE, language) ? BY_LANGUAGE[language] : undefined)?.[name] ?? ENGLISH[name];
}
