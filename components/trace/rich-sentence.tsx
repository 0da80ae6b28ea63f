import { Fragment } from "react";

/** A sentence in which names stand between back-ticks, as the server words them; those are set in mono. Always text, never markup. */
export function RichSentence({ text }: { text: string }) {
  return (
    <span className="foreign">
      {text.split("`").map((part, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence have no other name
          <code key={at} className="rounded-sm bg-fill-strong px-1 font-mono text-[0.92em]">
            {part}
          </code>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence have no other name
          <Fragment key={at}>{part}</Fragment>
        ),
      )}
    </span>
  );
}
