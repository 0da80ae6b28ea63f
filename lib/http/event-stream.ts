/** Proxies and load balancers drop what is silent for long, often after 30 or 60 s. */
const HEARTBEAT_MS = 15_000;
/** A reader that does not take its events any more (a laptop asleep) is let go at so many waiting ones; it comes back and asks anew. */
const WAITING_MAX = 200;

/** The writing end of one reader's stream. */
export interface EventSink {
  /** Sends one event. `data` has no line breaks, as JSON has none. */
  send(data: string): void;
  /** Says goodbye. */
  end(): void;
}

/**
 * Answers with server-sent events for as long as both sides stay. `start` gets the sink and gives back the function that ends its source.
 */
export function eventStream(signal: AbortSignal, headers: Headers, start: (sink: EventSink) => () => void): Response {
  const encoder = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOpen = true;
        let endSource = () => {};
        const write = (text: string) => {
          if (!isOpen) return;
          controller.enqueue(encoder.encode(text));
          if ((controller.desiredSize ?? 0) < -WAITING_MAX) end();
        };
        const heartbeat = setInterval(() => write(": still here\n\n"), HEARTBEAT_MS);
        end = () => {
          if (!isOpen) return;
          isOpen = false;
          clearInterval(heartbeat);
          signal.removeEventListener("abort", end);
          endSource();
          try {
            controller.close();
          } catch {
            // The reader was faster: its side is closed already.
          }
        };
        signal.addEventListener("abort", end);
        endSource = start({ send: (data) => write(`data: ${data}\n\n`), end });
        if (signal.aborted || !isOpen) {
          end();
          endSource();
        }
      },
      cancel: () => end(),
    },
    { highWaterMark: 1 },
  );
  headers.set("content-type", "text/event-stream");
  // no-transform: compression would hold events back until a block of it is full.
  headers.set("cache-control", "private, no-store, no-transform");
  headers.set("x-accel-buffering", "no");
  // So that its end is the connection's end: a stopping server waits for open connections.
  headers.set("connection", "close");
  return new Response(body, { headers });
}
