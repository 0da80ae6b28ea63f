import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const looks = cva(
  "inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-55 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        solid: "bg-ink text-paper hover:bg-ink-soft",
        outline: "border border-line-strong bg-surface text-ink hover:bg-fill",
        quiet: "text-ink-soft hover:bg-fill hover:text-ink aria-pressed:bg-fill-strong aria-pressed:text-ink",
        link: "text-ink underline decoration-line-strong underline-offset-3 hover:decoration-ink",
      },
      size: {
        small: "h-7 px-2 text-small [&_svg]:size-3.5",
        medium: "h-8 px-3 text-data [&_svg]:size-4",
        icon: "size-7 [&_svg]:size-4",
        inline: "",
      },
    },
    defaultVariants: { look: "outline", size: "small" },
  },
);

export type ButtonLook = VariantProps<typeof looks>;

/** Classes of a button, for links that look like one. */
export const buttonClass = (look: ButtonLook, className?: string) => cn(looks(look), className);

export function Button({ look, size, className, type = "button", ...rest }: ComponentProps<"button"> & ButtonLook) {
  return <button type={type} className={buttonClass({ look, size }, className)} {...rest} />;
}
