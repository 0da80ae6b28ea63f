// Where the decoding thread begins: threads do not inherit how their process loads TypeScript.
import { register } from "tsx/esm/api";

register();
await import("./decode-worker.ts");
