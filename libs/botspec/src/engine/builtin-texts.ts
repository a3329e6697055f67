/** Texts of ours, for bots that bring none of their own. */
export interface BuiltinTexts {
  error: string;
  stale: string;
  text: string;
  integer: string;
  number: string;
  choice: string;
  email: string;
  phone: string;
  date: string;
  contact: string;
  location: string;
  photo: string;
  document: string;
  /** Texts of request buttons. */
  shareContact: string;
  shareLocation: string;
}

export type BuiltinText = keyof BuiltinTexts;

const ENGLISH: BuiltinTexts = {
  error: 'Something went wrong. Please try again later.',
  stale: 'This button is no longer active.',
  text: 'Please answer with a text message.',
  integer: 'Please answer with a whole number, for example 3.',
  number: 'Please answer with a number, for example 3.5.',
  choice: 'Please choose one of the options.',
  email: 'Please answer with an e-mail address, for example ann@example.com.',
  phone: 'Please answer with a phone number that begins with +, or use the button.',
  date: 'Please answer with a date, for example 2026-12-31.',
  contact: 'Please share your own contact with the button.',
  location: 'Please share your location with the button.',
  photo: 'Please send a photo.',
  document: 'Please send a document.',
  shareContact: 'Share my contact',
  shareLocation: 'Share my location',
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
    email: 'Bitte antworte mit einer E-Mail-Adresse, zum Beispiel anna@example.com.',
    phone: 'Bitte antworte mit einer Telefonnummer, die mit + beginnt, oder nutze die Schaltfläche.',
    date: 'Bitte antworte mit einem Datum, zum Beispiel 31.12.2026.',
    contact: 'Bitte teile deinen eigenen Kontakt über die Schaltfläche.',
    location: 'Bitte teile deinen Standort über die Schaltfläche.',
    photo: 'Bitte sende ein Foto.',
    document: 'Bitte sende ein Dokument.',
    shareContact: 'Meinen Kontakt teilen',
    shareLocation: 'Meinen Standort teilen',
  },
  uk: {
    error: 'Щось пішло не так. Спробуйте, будь ласка, пізніше.',
    stale: 'Ця кнопка вже не діє.',
    text: 'Будь ласка, дайте відповідь текстом.',
    integer: 'Будь ласка, дайте відповідь цілим числом, наприклад 3.',
    number: 'Будь ласка, дайте відповідь числом, наприклад 3,5.',
    choice: 'Будь ласка, оберіть один із варіантів.',
    email: 'Будь ласка, надішліть адресу електронної пошти, наприклад ann@example.com.',
    phone: 'Будь ласка, надішліть номер телефону, що починається з +, або скористайтеся кнопкою.',
    date: 'Будь ласка, надішліть дату, наприклад 31.12.2026.',
    contact: 'Будь ласка, поділіться власним контактом за допомогою кнопки.',
    location: 'Будь ласка, поділіться своїм місцезнаходженням за допомогою кнопки.',
    photo: 'Будь ласка, надішліть фото.',
    document: 'Будь ласка, надішліть документ.',
    shareContact: 'Поділитися контактом',
    shareLocation: 'Поділитися місцезнаходженням',
  },
  ru: {
    error: 'Что-то пошло не так. Пожалуйста, попробуйте позже.',
    stale: 'Эта кнопка больше не действует.',
    text: 'Пожалуйста, ответьте текстом.',
    integer: 'Пожалуйста, ответьте целым числом, например 3.',
    number: 'Пожалуйста, ответьте числом, например 3,5.',
    choice: 'Пожалуйста, выберите один из вариантов.',
    email: 'Пожалуйста, пришлите адрес электронной почты, например ann@example.com.',
    phone: 'Пожалуйста, пришлите номер телефона, начинающийся с +, или воспользуйтесь кнопкой.',
    date: 'Пожалуйста, пришлите дату, например 31.12.2026.',
    contact: 'Пожалуйста, поделитесь своим контактом с помощью кнопки.',
    location: 'Пожалуйста, поделитесь своим местоположением с помощью кнопки.',
    photo: 'Пожалуйста, пришлите фото.',
    document: 'Пожалуйста, пришлите документ.',
    shareContact: 'Поделиться контактом',
    shareLocation: 'Поделиться местоположением',
  },
  es: {
    error: 'Algo ha salido mal. Inténtalo de nuevo más tarde.',
    stale: 'Este botón ya no está activo.',
    text: 'Responde con un mensaje de texto, por favor.',
    integer: 'Responde con un número entero, por ejemplo 3.',
    number: 'Responde con un número, por ejemplo 3,5.',
    choice: 'Elige una de las opciones, por favor.',
    email: 'Responde con una dirección de correo, por ejemplo ana@example.com.',
    phone: 'Responde con un número de teléfono que empiece por +, o usa el botón.',
    date: 'Responde con una fecha, por ejemplo 31/12/2026.',
    contact: 'Comparte tu propio contacto con el botón.',
    location: 'Comparte tu ubicación con el botón.',
    photo: 'Envía una foto, por favor.',
    document: 'Envía un documento, por favor.',
    shareContact: 'Compartir mi contacto',
    shareLocation: 'Compartir mi ubicación',
  },
  fr: {
    error: 'Une erreur est survenue. Veuillez réessayer plus tard.',
    stale: "Ce bouton n'est plus actif.",
    text: 'Veuillez répondre par un message texte.',
    integer: 'Veuillez répondre par un nombre entier, par exemple 3.',
    number: 'Veuillez répondre par un nombre, par exemple 3,5.',
    choice: "Veuillez choisir l'une des options.",
    email: 'Veuillez répondre par une adresse e-mail, par exemple anne@example.com.',
    phone: 'Veuillez répondre par un numéro de téléphone commençant par +, ou utiliser le bouton.',
    date: 'Veuillez répondre par une date, par exemple 31/12/2026.',
    contact: 'Veuillez partager votre propre contact avec le bouton.',
    location: 'Veuillez partager votre position avec le bouton.',
    photo: 'Veuillez envoyer une photo.',
    document: 'Veuillez envoyer un document.',
    shareContact: 'Partager mon contact',
    shareLocation: 'Partager ma position',
  },
};

/** The text in a locale or its language; English where we have none. */
export function builtinText(name: BuiltinText, locale: string): string {
  const language = locale.split('-')[0] ?? '';
  return (Object.hasOwn(BY_LANGUAGE, language) ? BY_LANGUAGE[language] : undefined)?.[name] ?? ENGLISH[name];
}
