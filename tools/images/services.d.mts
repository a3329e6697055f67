/** Which services have an image, and how Node starts each. */
export const SERVICES: Readonly<Record<string, { readonly folder: string; readonly options: readonly string[]; readonly files: readonly string[] }>>;
