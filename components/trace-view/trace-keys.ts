import type { Messages } from "use-intl";
import type { Move } from "@/components/waterfall/use-waterfall";

export type TraceAction =
  | Move
  | "open"
  | "next-finding"
  | "previous-finding"
  | "search"
  | "next-hit"
  | "previous-hit"
  | "zoom"
  | "unzoom"
  | "collapse"
  | "expand"
  | "logs"
  | "help"
  | "close";

interface KeyBinding {
  /** `KeyboardEvent.key`. */
  keys: readonly { key: string; action: TraceAction; shown?: string }[];
  says: keyof Messages["trace"]["keys"];
  /** Keys that move through what has the focus: left alone while a control or a panel has it. */
  moves: boolean;
}

/** Every shortcut of the trace page: what the page listens to and what its help shows are this one table. */
export const TRACE_KEYS: readonly KeyBinding[] = [
  {
    says: "move",
    moves: true,
    keys: [
      { key: "ArrowUp", action: "up", shown: "↑" },
      { key: "ArrowDown", action: "down", shown: "↓" },
    ],
  },
  { says: "out", moves: true, keys: [{ key: "ArrowLeft", action: "out", shown: "←" }] },
  { says: "in", moves: true, keys: [{ key: "ArrowRight", action: "in", shown: "→" }] },
  {
    says: "firstLast",
    moves: true,
    keys: [
      { key: "Home", action: "first" },
      { key: "End", action: "last" },
    ],
  },
  { says: "open", moves: true, keys: [{ key: "Enter", action: "open" }] },
  {
    says: "findings",
    moves: false,
    keys: [
      { key: "n", action: "next-finding" },
      { key: "p", action: "previous-finding" },
    ],
  },
  { says: "search", moves: false, keys: [{ key: "/", action: "search" }] },
  {
    says: "hits",
    moves: false,
    keys: [
      { key: "]", action: "next-hit" },
      { key: "[", action: "previous-hit" },
    ],
  },
  { says: "zoom", moves: false, keys: [{ key: "z", action: "zoom" }] },
  { says: "unzoom", moves: false, keys: [{ key: "0", action: "unzoom" }] },
  { says: "collapse", moves: false, keys: [{ key: "c", action: "collapse" }] },
  { says: "expand", moves: false, keys: [{ key: "e", action: "expand" }] },
  { says: "logs", moves: false, keys: [{ key: "l", action: "logs" }] },
  { says: "help", moves: false, keys: [{ key: "?", action: "help" }] },
  { says: "close", moves: false, keys: [{ key: "Escape", action: "close", shown: "Esc" }] },
];

interface Pressed {
  key: string;
  hasModifier: boolean;
  /** Whether the focus is in a field. */
  inField: boolean;
  /** Whether the focus is on something that uses arrows and Enter itself. */
  inControl: boolean;
}

/** What a key means now, or null when it is not ours. */
export function actionOf({ key, hasModifier, inField, inControl }: Pressed): TraceAction | null {
  if (hasModifier || inField) return null;
  for (const binding of TRACE_KEYS) {
    const found = binding.keys.find((one) => one.key === key);
    if (found) return binding.moves && inControl ? null : found.action;
  }
  return null;
}
