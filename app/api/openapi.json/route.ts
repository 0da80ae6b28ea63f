import { z } from "zod";
import { Problem } from "@/lib/api/contract/common";
import { openapiOf } from "@/lib/http/openapi";
import { type Route, route } from "@/lib/http/route";
import { version } from "@/package.json";
import { ROUTES } from "./routes";

export const GET: Route = route(
  { summary: "This document.", access: "public", response: z.looseObject({ openapi: z.string() }) },
  async () => openapiOf({ ...ROUTES, "/api/openapi.json": { GET } }, { version, description: DESCRIPTION, problem: Problem }),
);

const DESCRIPTION =
  `Which spans never closed, which lost their parent, and why. Lists are \`{ items, nextCursor }\`; times are RFC 3339 with milliseconds
except where nanoseconds are named, which are decimal text. Unknown parameters are errors.`.replaceAll("\n", " ");
