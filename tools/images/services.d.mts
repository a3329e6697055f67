interface ImageRow {
  readonly folder: string;
  /** Options of Node. */
  readonly options: readonly string[];
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Which services have an image, and how Node starts each. */
export const SERVICES: Readonly<Record<string, ImageRow>> & { readonly operator: Required<ImageRow> };
