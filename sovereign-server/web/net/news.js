// What changes on the server: one question after the other, each answered when there is news.

/** Between two questions, in milliseconds: so that what changes all the time is not asked for all the time. */
const REST_MS = 400;
/** After a failure, in milliseconds. */
const RETRY_MS = 3000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/**
 * Follows something that has versions; gives what stops it.
 * @param ask `(since, signal)` resolves to an answer with its version as `rev`
 * @param heard called with each answer
 * @param failed called with each failure; it is asked again
 */
export function follow(ask, heard, failed = () => {}) {
  const stop = new AbortController();
  const { signal } = stop;
  const run = async () => {
    let since = null;
    while (!signal.aborted) {
      let wait = REST_MS;
      try {
        const answer = await ask(since, signal);
        if (signal.aborted) return;
        since = answer.rev;
        heard(answer);
      } catch (error) {
        if (signal.aborted) return;
        since = null;
        wait = RETRY_MS;
        failed(error);
      }
      await pause(wait);
    }
  };
  run();
  return () => stop.abort();
}

/** An address with what is said after the question mark; nothing is said of what is null or empty. */
export function query(path, parts) {
  const said = Object.entries(parts).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return said.length ? `${path}?${new URLSearchParams(said)}` : path;
}
