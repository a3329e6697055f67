/** Time a service has to end after SIGTERM before it gives up and exits with 1, unless configured. */
export const SHUTDOWN_MS_MAX_DEFAULT = 20_000;
/** A readiness check that answers later than this counts as failed. */
export const READINESS_CHECK_MS_MAX = 1_500;
/** Body of a request to a Nest route; raw routes set their own. */
export const HTTP_BODY_BYTES_MAX = 1024 * 1024;
/** Telegram and load balancers keep connections for up to 75 s: ours must not be closed first. */
export const HTTP_KEEP_ALIVE_MS = 78_000;
/** From the first byte of a request to its last. */
export const HTTP_REQUEST_MS_MAX = 30_000;
/** Longest value of a path parameter: a bot id has at most 127 characters. */
export const HTTP_PARAM_CHARS_MAX = 256;
/** The object store's answer to one request, and each piece of a file that it brings. A file that is written has S3_BYTES_PER_MS_MIN on top. */
export const S3_REQUEST_MS_MAX = 10_000;
/** A slower line is taken for a silent store: half a MB per second. */
export const S3_BYTES_PER_MS_MIN = 500;
/** Largest artefact that is read, unless more is asked for; bot.js is far below. */
export const S3_OBJECT_BYTES_MAX = 8 * 1024 * 1024;
/** Connections to the object store per process. */
export const S3_CONNECTIONS_MAX = 16;
/** Key of AES-256. */
export const INSTALL_KEY_BYTES = 32;
/** What is joined into one message of a stream; well below what gRPC takes. */
export const TURN_BATCH_ITEMS_MAX = 64;
export const TURN_BATCH_CHARS_MAX = 512 * 1024;
/** Open gRPC calls are cut so long after the transport was told to close. */
export const GRPC_SHUTDOWN_MS_MAX = 2_000;
/** Ended spans that wait for the collector, and those on their way to it; more are dropped and counted. */
export const SPANS_WAITING_MAX = 2_048;
/** Spans of one request to the collector, and the pause before one that is not full. */
export const SPAN_BATCH_MAX = 512;
export const SPAN_BATCH_PAUSE_MS = 5_000;
/** One request to the collector, with its retries. */
export const SPAN_EXPORT_MS_MAX = 10_000;
/** What is recorded at shutdown has so long to reach the collector. */
export const SPANS_CLOSE_MS_MAX = 2_000;
/** Of an attribute's value; the rest is cut off. */
export const SPAN_VALUE_CHARS_MAX = 512;
