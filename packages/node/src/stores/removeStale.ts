/** Removal of records that were not written for a long time. */
import { type DurationOption, requireAge, type TokenStoreAdapter } from "@ellipsis-oauth/core/promise"

export interface CleanableTokenStore extends TokenStoreAdapter {
  /**
   * Removes the records that were not written for this long (milliseconds, or `"90 days"`) and resolves to their number.
   * Only your application calls it. The users of removed records have to log in again.
   *
   * @throws TokenStoreError, or ConfigurationError for a bad option
   */
  removeStale(options: { readonly notWrittenFor: DurationOption }): Promise<number>
}

/**
 * @returns whole milliseconds
 * @throws ConfigurationError
 */
export const requireStaleAge = (options: { readonly notWrittenFor: DurationOption }): number =>
  Math.ceil(
    requireAge("notWrittenFor", options?.notWrittenFor, {
      min: 1,
      max: 36_525 * 86_400_000,
      expected: 'milliseconds, or a string such as "90 days": at most 100 years',
    }),
  )
