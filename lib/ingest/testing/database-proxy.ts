import { connect, createServer, type Server, type Socket } from "node:net";

/** Stands between an ingest and its database, and can make it go away (`stop`), hang (`freeze`) and come back (`start`, `thaw`). */
export class DatabaseProxy {
  private readonly target: URL;
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  private port = 0;
  private isFrozen = false;

  private constructor(target: URL) {
    this.target = target;
  }

  static async open(databaseUrl: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(databaseUrl));
    await proxy.start();
    return proxy;
  }

  get url(): string {
    const url = new URL(this.target);
    url.searchParams.delete("host");
    url.hostname = "127.0.0.1";
    url.port = String(this.port);
    return url.href;
  }

  async start(): Promise<void> {
    const server = createServer((inner) => this.join(inner));
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** Connections stay, and nothing comes through any more. */
  freeze(): void {
    this.isFrozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  private join(inner: Socket): void {
    const path = this.target.searchParams.get("host");
    const port = Number(this.target.port || 5432);
    const outer = path?.startsWith("/") ? connect(`${path}/.s.PGSQL.${port}`) : connect(port, this.target.hostname);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.isFrozen) from.pause();
    }
  }
}
