import { z } from "zod";
import { SPAN_KINDS } from "@/lib/otel/span";
import { Moment } from "./common";

/** Postgres has no text with a NUL in it; lib/http looks at the outermost fields only. */
const isStorable = (text: string) => !text.includes("\0");

const text = (max: number) => z.string().min(1).max(max).nullable().default(null);

/** Spans that are normally open for long: all that is said must hold, what is null is not asked for, and something must be said. */
export const ExpectedSpanRequest = z
  .strictObject({
    service: text(255).describe("Service of the span."),
    spanName: text(500).describe("Its name, to the letter."),
    attribute: z
      .strictObject({
        key: z.string().min(1).max(255).refine(isStorable, "Contains a NUL character."),
        value: z.string().max(500).refine(isStorable, "Contains a NUL character."),
      })
      .nullable()
      .default(null)
      .describe("One of the attributes that it was started with. The value is compared as text."),
    spanKind: z.enum(SPAN_KINDS).nullable().default(null),
  })
  .refine((rule) => Object.values(rule).some((part) => part !== null), "Say a service, a span name, an attribute or a span kind.")
  .meta({ id: "ExpectedSpanRequest" });
export type ExpectedSpanRequest = z.infer<typeof ExpectedSpanRequest>;

export const ExpectedSpanJson = z
  .object({
    id: z.string(),
    service: z.string().nullable(),
    spanName: z.string().nullable(),
    attribute: z.object({ key: z.string(), value: z.string() }).nullable(),
    spanKind: z.enum(SPAN_KINDS).nullable(),
    createdAt: Moment,
    /** Spans open now that this rule lets be long. */
    openNow: z.int(),
  })
  .meta({ id: "ExpectedSpan" });
export type ExpectedSpanJson = z.infer<typeof ExpectedSpanJson>;

export const ExpectedSpanParams = z.object({ expectedSpanId: z.string().min(1).max(64).describe("A rule's id.") });
/** All of them: they are few. */
export const ExpectedSpansResponse = z.object({ items: z.array(ExpectedSpanJson), nextCursor: z.null() });
export type ExpectedSpansResponse = z.infer<typeof ExpectedSpansResponse>;
/** Answer of a deletion. */
export const RemovedResponse = z.object({});
