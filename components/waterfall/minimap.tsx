"use client";

import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { densityOf } from "./density";
import { type Domain, fractionOf } from "./scale";
import type { SpanTable } from "./span-table";

interface MinimapProps {
  table: SpanTable;
  domain: Domain;
  /** Part that the waterfall shows, or null for all of it. */
  zoom: { startMs: number; endMs: number } | null;
  /** Moments (ms since the base) that findings are about. */
  marks: readonly number[];
  onZoom(zoom: { startMs: number; endMs: number } | null): void;
}

/** Shorter drags are clicks. */
const DRAG_MIN = 0.005;

/** The whole trace as mountains of running spans, marks of findings above; drag to look closer, double-click for all. */
export function Minimap({ table, domain, zoom, marks, onZoom }: MinimapProps) {
  const t = useTranslations("trace.minimap");
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  useDrawing(canvasRef, table, domain, marks);

  const shareAt = (clientX: number) => {
    const box = canvasRef.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (clientX - box.left) / box.width)) : 0;
  };
  function finish() {
    if (drag && Math.abs(drag.to - drag.from) > DRAG_MIN) {
      const at = (share: number) => domain.startMs + share * (domain.endMs - domain.startMs);
      onZoom({ startMs: at(Math.min(drag.from, drag.to)), endMs: at(Math.max(drag.from, drag.to)) });
    }
    setDrag(null);
  }
  const shown = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : zoom && { from: Math.max(0, fractionOf(domain, zoom.startMs)), to: Math.min(1, fractionOf(domain, zoom.endMs)) };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a convenience for the mouse; the keys z and 0 do the same
    <div
      title={t("hint")}
      className="relative h-9 touch-none cursor-crosshair select-none border-b"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = shareAt(event.clientX);
        setDrag({ from: at, to: at });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: shareAt(event.clientX) })}
      onPointerUp={finish}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => onZoom(null)}
    >
      <canvas ref={canvasRef} role="img" aria-label={t("label")} className="size-full text-ink-faint" />
      {shown ? (
        <>
          <span aria-hidden className="absolute inset-y-0 left-0 bg-paper/70" style={{ width: `${shown.from * 100}%` }} />
          <span aria-hidden className="absolute inset-y-0 right-0 bg-paper/70" style={{ width: `${(1 - shown.to) * 100}%` }} />
          <span
            aria-hidden
            className="absolute inset-y-0 border-ink border-x"
            style={{ left: `${shown.from * 100}%`, width: `${(shown.to - shown.from) * 100}%` }}
          />
        </>
      ) : null}
    </div>
  );
}

const MARK_PX = 7;
const COLUMN_PX = 3;

function useDrawing(ref: React.RefObject<HTMLCanvasElement | null>, table: SpanTable, domain: Domain, marks: readonly number[]) {
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const draw = () => {
      const { clientWidth: width, clientHeight: height } = canvas;
      const ratio = devicePixelRatio || 1;
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const context = canvas.getContext("2d");
      if (!context || width === 0) return;
      context.scale(ratio, ratio);
      context.fillStyle = getComputedStyle(canvas).color;
      const density = densityOf(table, domain, Math.ceil(width / COLUMN_PX));
      const most = density.reduce((a, b) => Math.max(a, b), 1);
      context.globalAlpha = 0.55;
      density.forEach((count, bin) => {
        if (count <= 0) return;
        // Logarithmic: a lone span is still seen beside a thousand.
        const tall = Math.max(1.5, ((height - MARK_PX - 2) * Math.log1p(count)) / Math.log1p(most));
        context.fillRect(bin * COLUMN_PX, height - tall, COLUMN_PX - 1, tall);
      });
      context.globalAlpha = 1;
      context.fillStyle = tokenColor(canvas, "--abandoned");
      for (const ms of marks) {
        const x = fractionOf(domain, ms) * width;
        context.beginPath();
        context.moveTo(x - 4, 0);
        context.lineTo(x + 4, 0);
        context.lineTo(x, MARK_PX);
        context.fill();
      }
    };
    draw();
    const size = new ResizeObserver(draw);
    size.observe(canvas);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      size.disconnect();
      theme.disconnect();
      scheme.removeEventListener("change", draw);
    };
  }, [ref, table, domain, marks]);
}

/** A token as the colour it stands for here; a canvas does not know custom properties. */
function tokenColor(element: HTMLElement, token: string): string {
  const before = element.style.accentColor;
  element.style.accentColor = `var(${token})`;
  const color = getComputedStyle(element).accentColor;
  element.style.accentColor = before;
  return color;
}
