import { connect, createServer, type Socket } from "node:net";

/** A TCP forwarder as kubectl, ssh -L and cloud proxies are: it knows nothing of what it carries. */
export interface Forwarder {
  /** Where it listens, as a URL. */
  url: string;
  /** Connections that it carries now. */
  carried(): number;
  /** Closes every connection that it carries, as an idle timer would, and goes on listening. */
  drop(): void;
  stop(): Promise<void>;
}

/** Forwards from a free port of this machine to the host and port of `target` (a URL). */
export async function startForwarder(target: string): Promise<Forwarder> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(Number(port), hostname);
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.end();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const drop = () => {
    for (const socket of sockets) socket.end();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    carried: () => sockets.size / 2,
    drop,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
