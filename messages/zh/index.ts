import { common } from "./common";
import { errors } from "./errors";
import { findings } from "./findings";
import { open } from "./open";
import { overview } from "./overview";
import { setup } from "./setup";
import { shell } from "./shell";
import { signIn } from "./sign-in";
import { trace } from "./trace";
import { traces } from "./traces";
import { words } from "./words";

export const zh = { common, errors, findings, open, overview, setup, shell, signIn, trace, traces, words };
