/** Removal of records that nobody has written for long. */
import type { DurationOption, TokenStoreAdapter } from "@ellipsis-oauth/core"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { badOption } from "../badOption.js"

export interface CleanableTokenStore extends TokenStoreAdapter {
  /**
   * Removes the records that were not written for this long (milliseconds, or `"90 days"`) and resolves to how many
   * they were. Nothing calls it but your application: what it removes has to log in again.
   *
   * @throws TokenStoreError, or ConfigurationError for a bad option
   */
  removeStale(options: { readonly notWrittenFor: DurationOption }): Promise<number>
}

/**
 * @returns whole milliseconds
 * @throws ConfigurationError
 */
export const requireStaleAge = (options: { readonly notWrittenFor: DurationOption }): number => {
  const value: unknown = options?.notWrittenFor
  const duration =
    typeof value === "number" || typeof value === "string" || Duration.isDuration(value)
      ? Option.getOrUndefined(Duration.fromInput(value as Duration.Input))
      : undefined
  const milliseconds = duration === undefined ? Number.NaN : Math.ceil(Duration.toMillis(duration))
  if (!(milliseconds >= 1 && milliseconds <= longest)) {
    const expected = 'milliseconds, or a string such as "90 days": at least 1 millisecond, at most 100 years'
    throw badOption("notWrittenFor", value, expected)
  }
  return milliseconds
}

const longest = 36_525 * 86_400_000
