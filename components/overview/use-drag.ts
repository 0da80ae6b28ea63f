import { useState } from "react";
import { type Stretch, stretchOf } from "./range";

/** What the chart says of the pointer: the time under it, if there is one. */
interface At {
  activeLabel?: string | number | undefined;
}

/**
 * Dragging over a chart chooses a stretch of time. The labels of its time axis are Unix ms; each stands for `bucketMs`.
 * @returns what to hand to the chart, and the two ends while the pointer is down.
 */
export function useDrag(bucketMs: number, onStretch: (stretch: Stretch) => void) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const timeAt = ({ activeLabel }: At) => (activeLabel === undefined ? null : Number(activeLabel));
  return {
    drag,
    handlers: {
      onMouseDown: (at: At) => {
        const time = timeAt(at);
        if (time !== null) setDrag({ from: time, to: time });
      },
      onMouseMove: (at: At) => {
        const time = timeAt(at);
        if (drag !== null && time !== null && time !== drag.to) setDrag({ ...drag, to: time });
      },
      onMouseUp: () => {
        if (drag !== null) onStretch(stretchOf(drag.from, drag.to, bucketMs));
        setDrag(null);
      },
      onMouseLeave: () => setDrag(null),
    },
  };
}
