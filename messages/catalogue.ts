import type { en } from "./en";
import type { Locale } from "./locale";

/** Every message of the interface, by place; the other languages have the same keys (checked by the compiler). */
export type Catalogue = Translated<typeof en>;
type Translated<T> = { [Key in keyof T]: T[Key] extends string ? string : Translated<T[Key]> };

declare module "use-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en;
  }
}
