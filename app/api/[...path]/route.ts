import { z } from "zod";
import { AppError } from "@/lib/errors";
import { route } from "@/lib/http/route";

/** What no other route answers, said as every error of the API is: Next would send a page. */
const missing = route(
  {
    summary: "No such route.",
    access: "public",
    params: z.looseObject({}),
    query: z.looseObject({}),
    response: "application/problem+json",
  },
  async (_ctx, { request }) => {
    throw new AppError("not_found", `There is no ${new URL(request.url).pathname}. GET /api/openapi.json lists what there is.`);
  },
);

export { missing as DELETE, missing as GET, missing as PATCH, missing as POST, missing as PUT };
