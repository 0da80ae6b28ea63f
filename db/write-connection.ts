import pg from "pg";
import { CopyBuffer } from "./copy-binary";

/** A statement that is parsed once per connection. Values are as `pg` takes them: Buffers go in binary, the rest as text. */
export interface Statement {
  name: string;
  text: string;
  values: readonly (string | number | Buffer | null)[];
}

/** `copy … from stdin (format binary)` and what fills it: called until it returns false, it writes until the buffer is full. */
export interface Copy {
  copy: string;
  fill(out: CopyBuffer): boolean;
}

export type Step = Statement | Copy;
/** The rows a step returned, as text. */
export type StepRows = (string | null)[][];

/** COPY data that may wait for the server: a whole group commit, so that it never waits for us. */
const UNSENT_BYTES_MAX = 6 * 1024 * 1024;
const GOODBYE_MS = 500;
/** How long encoding may hold the event loop. */
const TURN_MS = 6;

/** @types/pg describes an older protocol object than pg has; these are the parts we use. */
interface Wire {
  stream: import("node:net").Socket;
  parse(query: { name: string; text: string }): void;
  bind(config: { statement: string; values: readonly unknown[] }): void;
  execute(): void;
  sync(): void;
  close(message: { type: "S" | "P"; name: string }): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/**
 * One database connection of a writer. A transaction goes over the wire in one breath: `begin`, every step, COPY data included, and one Sync
 * (extended protocol), so a group commit costs two round trips however many steps it has.
 */
export class WriteConnection {
  readonly client: pg.Client;
  /** Rejects nothing; resolves when the connection is lost or closed. */
  readonly closed: Promise<void>;
  private readonly prepared = new Set<string>();

  private constructor(client: pg.Client) {
    this.client = client;
    this.closed = new Promise((resolve) => client.once("end", () => resolve()));
  }

  /**
   * Connects and prepares the session.
   * @throws when the database cannot be reached within `connectTimeoutMs`, or a `set` is refused.
   */
  static async open(options: { connectionString: string; applicationName: string; connectTimeoutMs: number; session: string[] }) {
    const client = new pg.Client({
      connectionString: options.connectionString,
      application_name: options.applicationName,
      connectionTimeoutMillis: options.connectTimeoutMs,
      keepAlive: true,
    });
    // The loss of the connection reaches us by the statement that fails and by `closed`.
    client.on("error", () => {});
    const connection = new WriteConnection(client);
    try {
      await client.connect();
      await connection.within(options.connectTimeoutMs, async () => {
        for (const statement of options.session) await client.query(statement);
      });
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    return connection;
  }

  /**
   * Runs `steps` in one transaction and leaves it open: `commit` or `rollback` next.
   * @returns the rows of each step. After a throw the transaction is over, or the connection is.
   */
  async begin(steps: readonly Step[]): Promise<StepRows[]> {
    const pipeline = new Pipeline([BEGIN, ...steps], this.prepared);
    this.client.query(pipeline);
    try {
      const [, ...rows] = await pipeline.done;
      return rows;
    } catch (error) {
      await this.rollback().catch(() => {});
      throw error;
    }
  }

  /** Durable when this resolves (`synchronous_commit`). */
  async commit(): Promise<void> {
    await this.client.query("commit");
  }

  async rollback(): Promise<void> {
    await this.client.query("rollback");
  }

  /** Cuts the connection when `work` on it is not done in time: a server that has vanished answers nothing, not even that it is late. */
  async within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.destroy(), ms);
    return await work().finally(() => clearTimeout(timer));
  }

  /** Cuts the connection at once. */
  destroy(): void {
    (this.client as unknown as { connection: Wire }).connection.stream.destroy();
  }

  /** Says goodbye, and cuts the connection when that is not heard at once. */
  async end(): Promise<void> {
    await this.within(GOODBYE_MS, () => this.client.end().catch(() => {}));
  }
}

const BEGIN: Statement = { name: "", text: "begin", values: [] };

/** A submittable of pg that sends several steps before the first is answered. */
class Pipeline implements pg.Submittable {
  readonly done: Promise<StepRows[]>;
  private readonly rows: StepRows[];
  private readonly newNames: string[] = [];
  private readonly steps: readonly Step[];
  private readonly prepared: Set<string>;
  private current = 0;
  private isOver = false;
  private settle: { resolve: (rows: StepRows[]) => void; reject: (error: unknown) => void } | undefined;
  private wake: () => void = () => {};

  constructor(steps: readonly Step[], prepared: Set<string>) {
    this.steps = steps;
    this.prepared = prepared;
    this.rows = steps.map(() => []);
    this.done = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  submit = (connection: unknown): void => {
    void this.send(connection as Wire);
  };

  private async send(wire: Wire): Promise<void> {
    wire.stream.cork();
    try {
      for (const step of this.steps) {
        if (this.isOver) break;
        if ("copy" in step) await this.sendCopy(wire, step);
        else this.sendStatement(wire, step);
      }
    } finally {
      // After an error the server skips everything up to here, COPY data included.
      wire.sync();
      wire.stream.uncork();
    }
  }

  private sendStatement(wire: Wire, { name, text, values }: Statement): void {
    if (name === "" || !this.prepared.has(name)) {
      // One that an aborted transaction may or may not have left behind; closing what does not exist is no error.
      if (name !== "") wire.close({ type: "S", name });
      wire.parse({ name, text });
      if (name !== "") this.newNames.push(name);
    }
    wire.bind({ statement: name, values });
    wire.execute();
  }

  private async sendCopy(wire: Wire, step: Copy): Promise<void> {
    this.sendStatement(wire, { name: "", text: step.copy, values: [] });
    const out = new CopyBuffer();
    try {
      out.signature();
      let turnBeganMs = performance.now();
      for (let goesOn = true; goesOn && !this.isOver; ) {
        goesOn = step.fill(out);
        if (!goesOn) out.trailer();
        const message = out.take();
        wire.stream.write(message, () => CopyBuffer.release(message));
        if (!goesOn) break;
        // The server begins with what it has, and is kept supplied while we are busy with other things.
        wire.stream.uncork();
        const isTurnOver = performance.now() - turnBeganMs > TURN_MS;
        if (wire.stream.writableLength > UNSENT_BYTES_MAX) await this.drained(wire);
        else if (isTurnOver) await nextTurn();
        if (isTurnOver) turnBeganMs = performance.now();
        wire.stream.cork();
      }
      wire.endCopyFrom();
    } catch (error) {
      wire.sendCopyFail(String(error));
      this.fail(error);
    }
  }

  /** Resolves when the socket has room again, or the pipeline is over anyway. */
  private async drained(wire: Wire): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      wire.stream.once("drain", resolve);
    });
    wire.stream.removeListener("drain", this.wake);
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.rows[this.current]?.push(message.fields);
  }

  handleCommandComplete(): void {
    this.current += 1;
  }

  handleReadyForQuery(): void {
    for (const name of this.newNames) this.prepared.add(name);
    this.isOver = true;
    this.settle?.resolve(this.rows);
  }

  handleError(error: unknown): void {
    this.fail(error);
  }

  private fail(error: unknown): void {
    this.isOver = true;
    this.wake();
    this.settle?.reject(error);
  }

  handleRowDescription(): void {}
  handleCopyInResponse(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
