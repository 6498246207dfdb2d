/** Schemas of the input: durations and faults, matching their TypeScript types. */
import * as z from "zod"
import { durationUnits } from "../common/Duration.js"
import { faultTargets } from "../faults/Faults.js"
import { faultCatalog } from "../faults/faultCatalog.js"

export const duration = z
  .union([z.number().min(0), z.templateLiteral([z.number(), " ", z.enum(durationUnits)])], {
    error: 'milliseconds (a number of at least 0) or text such as "90 seconds" or "1 hour"',
  })
  .meta({
    id: "Duration",
    description: 'Milliseconds, or text such as "90 seconds", "1 hour", "1.5 days".',
  })

export const faultTarget = z.enum(faultTargets).meta({
  id: "FaultTarget",
  description: "Which endpoint; `refresh` is a token request with the refresh token grant.",
})

const status = z.int().min(200).max(599)

const faultResponse = z
  .strictObject({
    status: status.exactOptional().meta({ description: "Default: 200." }),
    headers: z
      .record(z.string(), z.string())
      .exactOptional()
      .meta({ description: "An object body gets `content-type: application/json` unless one is given." }),
    body: z
      .union([z.string(), z.array(z.unknown()), z.record(z.string(), z.unknown())], {
        error: "text, an object or an array",
      })
      .exactOptional()
      .meta({ description: "Text is sent as it is, anything else as JSON. Default: empty." }),
    retryAfter: duration.exactOptional(),
    retryAfterAs: z
      .enum(["seconds", "date"])
      .exactOptional()
      .meta({ description: "How `Retry-After` is written. Default: `seconds`." }),
  })
  .meta({ id: "FaultReply", description: "An HTTP response that is sent instead of the provider's." })

const names = z.array(z.string()).exactOptional()

const responseChange = z
  .strictObject({
    status: status.exactOptional(),
    headers: z
      .record(z.string(), z.string().nullable())
      .exactOptional()
      .meta({ description: "Added or replaced; `null` removes one." }),
    set: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .meta({ description: "Members of the JSON body, added or replaced." }),
    omit: names.meta({ description: "Members of the JSON body to leave out." }),
    duplicate: names.meta({
      description: 'Members that are sent twice, the first time with the value "duplicate".',
    }),
    keep: z.int().min(0).exactOptional().meta({ description: "How many characters of the body are sent." }),
  })
  .meta({ id: "ReplyChange", description: "Changes to the provider's own HTTP response." })

export const fault = z
  .strictObject({
    at: z.enum(["beforeGrant", "afterCommit"]).exactOptional().meta({
      description:
        "`beforeGrant`: the provider does not process the request. `afterCommit`: it carries out the request, and only its response is late, changed, replaced or lost. Default: `beforeGrant` for faults that replace the response, `afterCommit` for faults that need the provider's own.",
    }),
    delay: duration.exactOptional(),
    reply: faultResponse.exactOptional(),
    change: responseChange.exactOptional(),
    wire: z.enum(["reset", "close", "closeInBody", "hang"]).exactOptional().meta({
      description:
        "`reset`, `close`: before any byte. `closeInBody`: after half the body. `hang`: no response is sent.",
    }),
    slowBody: z
      .strictObject({
        pause: duration,
        chunk: z.int().min(1).exactOptional().meta({ description: "Bytes a piece. Default: 16." }),
      })
      .exactOptional()
      .meta({ description: "The body comes in pieces, with a pause before each." }),
  })
  .meta({ id: "Fault", description: "A fault. Members can be combined." })

export const faultOrName = z
  .union([z.string().meta({ examples: Object.keys(faultCatalog).slice(0, 3) }), fault], {
    error: "a fault as JSON, or the name of one",
  })
  .meta({
    id: "FaultOrName",
    description: "A fault, or the name of one (see `faultCatalog` and `malformedReplies`).",
  })
