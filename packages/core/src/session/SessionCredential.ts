/** The credential of one session: in memory, in the store, and perhaps a new one that could not be written yet. */
import * as Effect from "effect/Effect"
import { ignoreFailure } from "../common/ignoreFailure.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import { TokenStoreError } from "../errors/TokenStoreError.js"
import type { Token } from "../protocol/Token.js"
import { type ClientContext, clientClosed } from "./ClientContext.js"
import { Credential, isNewer } from "./Credential.js"
import type { CredentialStore } from "./CredentialStore.js"
import { type UnsavedCredential, writeBudget } from "./refreshCredential.js"
import { SessionState } from "./SessionState.js"
import { saveCredential } from "./saveCredential.js"
import type { Timing } from "./TokenEvent.js"
import { isSignedIn, withExpiry } from "./TokenState.js"

export class SessionCredential {
  readonly key: string
  readonly state: SessionState<Credential>
  readonly context: ClientContext
  #unsaved: UnsavedCredential | undefined
  /** Counts logins and sign-outs, so that work that started earlier cannot undo one. */
  #generation = 0

  constructor(key: string, context: ClientContext) {
    this.key = key
    this.context = context
    this.state = new SessionState({ key, now: context.now, onEvent: context.onEvent })
  }

  /** Not kept, to save memory: a process may have many idle sessions. */
  get store(): CredentialStore {
    return this.context.store(this.key)
  }

  /** A new credential that could not be written to the store yet. */
  get unsaved(): UnsavedCredential | undefined {
    return this.#unsaved
  }

  /** @returns whether a login or a sign-out has come since this call */
  watchOvertaken(): () => boolean {
    const generation = this.#generation
    return () => generation !== this.#generation
  }

  publish(credential: Credential, unsaved?: UnsavedCredential): void {
    this.#unsaved = unsaved
    this.state.publish(credential)
  }

  /** The unsaved credential is in the store now. */
  markSaved(unsaved: UnsavedCredential): void {
    if (this.#unsaved === unsaved) this.#unsaved = undefined
  }

  /** Shows what the store has. */
  adopt(stored: Credential | undefined, timing: Timing): Effect.Effect<void> {
    const { state } = this
    const { held } = state
    if (stored === undefined) {
      if (held === undefined) state.restoreSignedOut()
      else state.forget("elsewhere")
      return Effect.void
    }
    if (stored.version === held?.version || (held !== undefined && isNewer(held, stored))) return Effect.void
    if (!stored.isRefreshable && !state.isAcceptable(stored, 0)) {
      // It can never be used again, so it is removed.
      const { status } = state.snapshot()
      if (isSignedIn(state.snapshot()) || status === "restoring") state.forget("expired")
      else state.restoreSignedOut("expired")
      return ignoreFailure(this.store.remove(stored.version))
    }
    this.publish(stored)
    if (held !== undefined) state.emit({ type: "adopted", ...withExpiry(stored), ...timing })
    return Effect.void
  }

  /**
   * Stores a token in place of any record, since it is the result of a new login. Never fails: it returns the error of
   * the store.
   */
  replace({
    token,
    before,
    imported,
  }: {
    readonly token: Token
    /** The credential that it replaces, if it is known. */
    readonly before: Credential | undefined
    readonly imported?: string
  }): Effect.Effect<TokenStoreError | undefined> {
    const { context } = this
    return Effect.suspend(() => {
      // Normally the current time. If an earlier login has a later time, because its clock was ahead, one more than that.
      const least = Math.max(this.state.held?.sequence ?? 0, before?.sequence ?? 0) + 1
      const sequence = Math.max(context.now(), least)
      const credential = new Credential({
        token,
        version: context.uniqueId(),
        login: context.uniqueId(),
        sequence,
        imported,
      })
      const request = { credential, ifVersion: undefined, budget: writeBudget(context.settings) }
      return Effect.flatMap(saveCredential(this.store, request), (result) => {
        this.#generation++
        const kept = this.#unsaved
        // A write that seemed to fail was successful, and another process has refreshed its token since.
        const successor =
          !result.saved && result.error === undefined && result.found?.login === credential.login
            ? result.found
            : undefined
        if (result.saved || successor !== undefined) {
          this.publish(successor ?? credential)
          return Effect.andThen(this.#release(kept), Effect.undefined)
        }
        const holder = kept?.holder ?? context.uniqueId()
        this.publish(credential, { credential, replaces: undefined, holder })
        const error = result.error ?? new TokenStoreError({ reason: "unavailable", key: this.key })
        return Effect.succeed(error.as("notDurable"))
      })
    })
  }

  /** Removes the credential from memory and from the store. */
  signOut(): Effect.Effect<void, TokenStoreError | ConfigurationError> {
    return Effect.suspend((): Effect.Effect<void, TokenStoreError | ConfigurationError> => {
      // The store would keep the token, and the next process would find its user signed in.
      if (this.context.isClosed) return Effect.fail(clientClosed())
      this.#generation++
      const isOvertaken = this.watchOvertaken()
      const unsaved = this.#unsaved
      this.#unsaved = undefined
      this.state.forget("logout")
      const remove = Effect.asVoid(this.store.remove())
      // Not repeated after a new login, whose token must stay.
      const again = Effect.suspend(() => (isOvertaken() ? Effect.void : remove))
      const removed = Effect.andThen(
        Effect.catch(remove, () => again),
        this.#release(unsaved),
      )
      return this.context.run(Effect.uninterruptible(removed))
    })
  }

  /** When the client closes, a credential that is not in the store yet is written once more. */
  saveUnsaved(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const unsaved = this.#unsaved
      if (unsaved === undefined) return Effect.void
      const { credential, replaces: ifVersion } = unsaved
      const saved = saveCredential(this.store, { credential, ifVersion, budget: 0, isLate: true })
      return Effect.andThen(saved, this.#release(unsaved))
    })
  }

  /** Releases the lease that kept other processes from sending the old refresh token. */
  #release(unsaved: UnsavedCredential | undefined): Effect.Effect<void> {
    return unsaved === undefined ? Effect.void : ignoreFailure(this.store.release(unsaved.holder))
  }
}
