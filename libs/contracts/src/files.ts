/** A file in S3. Content never changes under a key: the digest names it for good. */
export interface StoredFile {
  /** Object key in the install's bucket, below `bots/<botId>/`: a bot can send its own files only. */
  key: string;
  /** SHA-256 of the content, hex. What was uploaded once under it is sent by its file_id from then on. */
  sha256: string;
  /** Size; at most what Telegram takes in an upload (50 MB, photos 10 MB). */
  bytes: number;
  /** Name that people see. */
  fileName: string;
  mimeType: string;
}

/**
 * Stands in the parameters of an outbound call wherever the Bot API takes an InputFile: as the value of `photo`, `document`, `thumbnail`, …
 * or as `media` of an InputMedia. Delivery replaces it by a kept file_id, or uploads the object.
 */
export interface FileParam {
  $file: StoredFile;
}
