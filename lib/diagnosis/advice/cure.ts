/**
 * One cure (wire.md §12): what to do in one line, and how in the user's language. Places are «callSite», «spanName:work», «service:shop» …: what
 * stands after the colon is used where the value is not known, and a line with a place that has neither is left out.
 */
export interface Cure {
  en: string;
  zh: string;
  /** By language of the SDK; `python-logfire` and `nodejs-logfire` where Logfire has its own call. The first serves every other language. */
  snippets: Readonly<Record<string, string>>;
}
