import { KeyTable } from "../key-table";

/** Attribute keys of a log record that mean something to us, in the order of `LOG_KEY`. */
export const LOG_KEYS = ["partial.event", "logfire.msg_template"] as const;

export const LOG_KEY = { event: 0, msgTemplate: 1 } as const;

export const LOG_KEY_TABLE = new KeyTable(LOG_KEYS);
