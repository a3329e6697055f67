// Counts tests in Vitest's JSON report.

/** A file that could not even be loaded has no tests and counts as one failure. */
export function countReport(report) {
  const files = report.testResults ?? [];
  const unloaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  return {
    passed: report.numPassedTests ?? 0,
    failed: (report.numFailedTests ?? 0) + unloaded,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
}

/** Lines of a failure's message that are worth repeating. */
const MESSAGE_LINES = 12;

/** Each failed test as its file, its name and the first lines of why. */
export function failuresOf(report, root) {
  return (report.testResults ?? []).flatMap((file) => {
    const name = file.name.replace(`${root}/`, '');
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (file.status === 'failed' && file.assertionResults.length === 0) return [`${name}\n${firstLines(file.message)}`];
    return failed.map((test) => `${name} > ${test.fullName}\n${firstLines(test.failureMessages.join('\n'))}`);
  });
}

function firstLines(message) {
  return message.split('\n').slice(0, MESSAGE_LINES).join('\n');
}

export function addUp(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const count of counts) for (const key of Object.keys(total)) total[key] += count[key];
  return total;
}

export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
