/** What the terminal, a service manager or a container asks for. */
export interface StopRequest {
  /** The first signal: drain. */
  asked: Promise<void>;
  isAsked: () => boolean;
  /** The second: at once. */
  insisted: Promise<void>;
}

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
  return { asked, isAsked: () => count > 0, insisted };
}
