import { ServerResponse } from "node:http";

/**
 * Next 16.4 hands the headers of a route's answer to Node as lists, also `content-type`, and its own compression does not understand a
 * list: no answer of the API would be compressed (a trace of 100 000 spans: 40 MB instead of 4). Nor can a route compress by itself,
 * because Next takes `content-encoding` away. So a list of one becomes its one before it gets there. Without effect once Next mends it.
 */
const setHeader = ServerResponse.prototype.setHeader;
ServerResponse.prototype.setHeader = function (this: ServerResponse, name, value) {
  const isListOfOne = Array.isArray(value) && value.length === 1 && name.toLowerCase() === "content-type";
  return setHeader.call(this, name, isListOfOne ? (value[0] as string) : value);
};
