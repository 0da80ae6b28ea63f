/**
 * One cure (wire.md §12): what to do in one line, and how in the user's language. Places are «spanName» «service» «callSite» «function»
 * «sdkVersion»; a line with a place that is not known is left out.
 */
export interface Cure {
  en: string;
  zh: string;
  /** By language of the SDK; `python-logfire` and `nodejs-logfire` where Logfire has its own call. The first serves every other language. */
  snippets: Readonly<Record<string, string>>;
}
