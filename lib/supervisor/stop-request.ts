/** What the terminal, a service manager or a container asks for. */
export interface StopRequest {
  /** The first signal: drain. */
  asked: Promise<void>;
  isAsked: () => boolean;
  /** The second: at once. */
  insisted: Promise<void>;
}

const LOOK_EVERY_MS = 200;

/** From now on SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal closed) no longer end this process but are told here. */
export function listenForStop(): StopRequest {
  let count = 0;
  let ask = () => {};
  let insist = () => {};
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const insisted = new Promise<void>((resolve) => (insist = resolve));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      count++;
      ask();
      if (count > 1) insist();
    });
  }
  whenNpmEnds(() => {
    count++;
    ask();
  });
  return { asked, isAsked: () => count > 0, insisted };
}

/**
 * npm runs us in a shell and passes a signal on to that shell only, which dies of it and leaves us behind. So when npm started us and our
 * parent is gone, we were told to stop.
 */
function whenNpmEnds(tell: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    tell();
  }, LOOK_EVERY_MS).unref();
}
