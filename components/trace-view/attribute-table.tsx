import { ListFilter } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl";
import type { AttributeJson } from "@/lib/api/contract/common";

/** Attributes as received, duplicates and all. With `filters`, each leads to the traces that have it. */
export function AttributeTable({ attributes, filters = false }: { attributes: readonly AttributeJson[]; filters?: boolean }) {
  const t = useTranslations("trace.span");
  if (attributes.length === 0) return <p className="text-ink-faint text-small">{t("noAttributes")}</p>;
  return (
    <dl className="flex flex-col text-small">
      {attributes.map((attribute, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a key may come twice; the order is that of the wire
        <div key={at} className="group grid grid-cols-[minmax(5rem,2fr)_3fr] gap-x-3 border-b py-1 last:border-b-0">
          <dt className="foreign font-mono text-ink-soft">{attribute.key}</dt>
          <dd className="foreign relative whitespace-pre-wrap pr-5 font-mono">
            <AttributeValue attribute={attribute} />
            {filters && attribute.value.length <= FILTERABLE_LENGTH && attribute.key !== "" && !attribute.key.includes("=") ? (
              <FilterLink pair={`${attribute.key}=${attribute.value}`} />
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Longer values cannot be filtered by. */
const FILTERABLE_LENGTH = 200;

function FilterLink({ pair }: { pair: string }) {
  const t = useTranslations("trace.span");
  const label = t("filterBy", { pair });
  return (
    <Link
      href={`/traces?attr=${encodeURIComponent(pair)}`}
      prefetch={false}
      aria-label={label}
      title={label}
      className="absolute top-0 right-0 text-ink-faint opacity-0 hover:text-ink focus-visible:opacity-100 group-hover:opacity-100"
    >
      <ListFilter aria-hidden className="size-3.5" />
    </Link>
  );
}

/** Only what is plainly a web address becomes a link, and one that tells the other side nothing. */
function AttributeValue({ attribute: { type, value } }: { attribute: AttributeJson }) {
  if (type === "string" && /^https?:\/\/[^\s]+$/.test(value)) {
    return (
      <a
        href={value}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="underline decoration-line-strong underline-offset-3 hover:decoration-ink"
      >
        {value}
      </a>
    );
  }
  if (type === "string") return <>{value === "" ? "“”" : value}</>;
  return (
    <>
      {value} <span className="text-ink-faint text-tiny">{type}</span>
    </>
  );
}
