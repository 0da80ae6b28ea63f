import { common } from "./common";
import { errors } from "./errors";
import { shell } from "./shell";
import { traces } from "./traces";
import { words } from "./words";

export const zh = { common, errors, shell, traces, words };
