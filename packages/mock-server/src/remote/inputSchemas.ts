/** The named schemas of what comes in: durations and faults, as the types say them. */

import { faultCatalog } from "../faults/faultCatalog.js"
import { count, list, map, type NamedSchemas, object, oneOf, ref, text } from "./schema.js"

export const inputSchemas: NamedSchemas = {
  Duration: {
    description: 'Milliseconds, or text such as "90 seconds", "1 hour", "1.5 days".',
    anyOf: [
      { type: "number", minimum: 0 },
      { type: "string", pattern: "^\\d+(\\.\\d+)? ?[a-z]+$", examples: ["90 seconds"] },
    ],
  },
  FaultTarget: oneOf(["authorize", "token", "account", "any"], "Which endpoint."),
  FaultReply: object(
    {
      status: { type: "integer", minimum: 200, maximum: 599, description: "Default: 200." },
      headers: map(
        { type: "string" },
        "An object body gets `content-type: application/json` unless one is given.",
      ),
      body: {
        description: "Text is sent as it is, anything else as JSON. Default: empty.",
        anyOf: [{ type: "string" }, { type: "object" }, { type: "array" }],
      },
      retryAfter: ref("Duration"),
      retryAfterAs: oneOf(["seconds", "date"], "How `Retry-After` is written. Default: `seconds`."),
    },
    [],
    "A reply in place of the provider's.",
  ),
  ReplyChange: object(
    {
      status: { type: "integer", minimum: 200, maximum: 599 },
      headers: map(
        { anyOf: [{ type: "string" }, { type: "null" }] },
        "Added or replaced; `null` removes one.",
      ),
      set: map(true, "Members of the JSON body, added or replaced."),
      omit: list(text(), "Members of the JSON body to leave out."),
      duplicate: list(text(), 'Members that are there twice, the first time with the value "duplicate".'),
      keep: count(0, "How many characters of the body are left."),
    },
    [],
    "Changes to a reply that is otherwise the provider's own.",
  ),
  Fault: object(
    {
      at: oneOf(
        ["beforeGrant", "afterCommit"],
        "Whether the provider never sees the request, or does all it was asked and only its reply suffers. Default: `beforeGrant` for what takes the reply's place, `afterCommit` for what needs the provider's own.",
      ),
      delay: ref("Duration"),
      reply: ref("FaultReply"),
      change: ref("ReplyChange"),
      wire: oneOf(
        ["reset", "close", "closeInBody", "hang"],
        "`reset`, `close`: before any byte. `closeInBody`: after half the body. `hang`: never an answer.",
      ),
      slowBody: object(
        { pause: ref("Duration"), chunk: count(1, "Bytes a piece. Default: 16.") },
        ["pause"],
        "The body comes in pieces, with a pause before each.",
      ),
    },
    [],
    "What goes wrong. Parts can be combined.",
  ),
  FaultOrName: {
    description: "A fault, or the name of one (see `faultCatalog` and `malformedReplies`).",
    anyOf: [{ type: "string", examples: Object.keys(faultCatalog).slice(0, 3) }, ref("Fault")],
  },
}
