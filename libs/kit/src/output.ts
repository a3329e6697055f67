/** What a shell says of a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

/** Prints lines to standard output. A reader that has had enough, as `head`, ends the program without a word. */
export function linePrinter(): (line: string) => void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(BROKEN_PIPE);
    throw error;
  });
  return (line) => void process.stdout.write(`${line}\n`);
}
