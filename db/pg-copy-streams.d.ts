/** The part of pg-copy-streams (which brings no types) that we use. */
declare module "pg-copy-streams" {
  import type { Readable } from "node:stream";
  import type { Submittable } from "pg";

  /** A `copy … to stdout` whose rows, headers left out of the wire's messages, are read from the stream. */
  export function to(copyToStdout: string): Readable & Submittable;
}
