import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "../fetch-json";
import { retryPassing } from "./retry";

/** The rules by which spans may be open for long. Part of what findings are asked for with, so that the same events renew them. */
export const expectedSpansQuery = () =>
  queryOptions({
    queryKey: ["findings", "expected"],
    queryFn: ({ signal }) => fetchJson("ExpectedSpansResponse", "/api/expected-spans", { signal }),
    retry: retryPassing,
  });
