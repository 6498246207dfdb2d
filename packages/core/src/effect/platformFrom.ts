/** The engine's platform from the services, the clock, the randomness and the tracer of an effect. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { PlatformClock } from "../common/PlatformClock.js"
import type { Platform } from "../platform/Platform.js"
import type { Inside, TokenRequestPlatform } from "../token/TokenRequestPlatform.js"
import { fromPromise, toPromise } from "./fromPromise.js"
import { TokenStore, Transport, WebCrypto } from "./services.js"

export const platformFrom = (context: Context.Context<Transport | WebCrypto | TokenStore>): Platform => ({
  ...transportFrom(context),
  ...cryptoFrom(context),
  store: Context.get(context, TokenStore),
})

/** What a token request takes of it. */
export const transportFrom = (context: Context.Context<Transport>): TokenRequestPlatform => {
  const random = Context.get(context, Random.Random)
  return { ...tracedFrom(context), clock: clockFrom(context), random: () => random.nextDoubleUnsafe() }
}

/** What an authorization request takes of it. */
export const cryptoFrom = (context: Context.Context<WebCrypto>): Pick<Platform, "crypto" | "clock"> => {
  const { randomBytes, sha256 } = Context.get(context, WebCrypto)
  return {
    crypto: { randomBytes, sha256: (bytes) => toPromise(context, sha256(bytes)) },
    clock: clockFrom(context),
  }
}

const clockFrom = (context: Context.Context<never>): PlatformClock => {
  const clock = Context.get(context, Clock.Clock)
  return {
    now: () => clock.currentTimeMillisUnsafe(),
    monotonic: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
    sleep: (milliseconds, signal) => toPromise(context, Effect.sleep(milliseconds), signal),
  }
}

/** Spans, and a transport whose own spans are inside of them. */
const tracedFrom = (context: Context.Context<Transport>): Required<Inside> => {
  const { send } = Context.get(context, Transport)
  return {
    transport: { send: (request, signal) => toPromise(context, send(request), signal) },
    trace: (name, attributes, work) => {
      const program = Effect.flatMap(Effect.context<Transport>(), (inside) =>
        Effect.flatMap(Effect.orDie(Effect.currentSpan), (span) =>
          fromPromise(() =>
            work(tracedFrom(inside), (added) => {
              for (const [key, value] of Object.entries(added)) span.attribute(key, value)
            }),
          ),
        ),
      )
      return toPromise(context, Effect.withSpan(program, name, { attributes }))
    },
  }
}
