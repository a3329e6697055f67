/** Bounds of the language (botspec.md); sizes are of canonical JSON in UTF-8. */
export const LIMITS = {
  specBytesMax: 512 * 1024,
  /** Levels of a spec: far more than the language has, its JSON values included. */
  nestingMax: 100,
  /** Documents of one file. */
  documentsMax: 200,
  /** Characters of a file, comments included, that are read at all. */
  sourceCharsMax: 2 * 1024 * 1024,
  /** An inline spec above this needs configMapRef. */
  inlineBytesMax: 200 * 1024,
  flowsMax: 100,
  /** Steps of one flow, its labels included. */
  stepsPerFlowMax: 50,
  labelsPerFlowMax: 50,
  localesMax: 50,
  textsPerLocaleMax: 2_000,
  textCharsMax: 4_096,
  stateKeysMax: 200,
  stateBytesMax: 64 * 1024,
  commandsMax: 100,
  intentsMax: 200,
  keywordsPerLocaleMax: 100,
  optionsMax: 100,
  branchesMax: 50,
  expressionCharsMax: 2_000,
  regexCharsMax: 1_000,
  /** JSON Schema of a validate step. */
  schemaBytesMax: 16 * 1024,
  schemaDepthMax: 64,
  /** Subschemas inside each other while a value is checked; references count. */
  schemaNestingMax: 256,
  /** Subschemas applied by one check. */
  schemaOperationsMax: 20_000,
  /** A bundle: bot.yaml and the files it names, not compressed. */
  bundleBytesMax: 20 * 1024 * 1024,
  bundleFilesMax: 200,
  bundlePathBytesMax: 200,
  /** Telegram takes no larger photo. */
  photoBytesMax: 10 * 1024 * 1024,
  allowDomainsMax: 50,
  apiResponseKBMax: 1_024,
  apiResponseKBDefault: 64,
  apiTimeoutMsMax: 5_000,
  apiRetriesMax: 3,
  apiBackoffMsDefault: 200,
  testsMax: 100,
  testStepsMax: 200,
  errorsMax: 50,
  transitionsPerUpdateMax: 200,
  apiCallsPerUpdateMax: 2,
  outgoingCallsPerUpdateMax: 20,
  callDepthMax: 8,
  durationMsMin: 1_000,
  durationMsMax: 30 * 24 * 3_600 * 1_000,
  idleTimeoutMsDefault: 24 * 3_600 * 1_000,
  messageCharsMax: 4_096,
  captionCharsMax: 1_024,
  answerCharsMax: 200,
  /** Personal texts that a run names one by one, and their characters; looking for more would cost an executor too much. */
  personalTextsMax: 100,
  personalCharsMax: 8_192,
} as const;
