/** An error as JSON, for a later page of the app. It holds no secret. */
import { isTokenError, type TokenError } from "@ellipsis-oauth/core/promise"

/** The error with the members that its class computes; `undefined` for anything but an error of this library. */
export const errorToJson = (error: unknown): object | undefined => {
  if (!isTokenError(error)) return undefined
  const { message, userMessage } = error
  return { ...error, message, userMessage }
}

/** An error that compares by its `_tag` like the first one; `undefined` for anything else. */
export const errorFromJson = (json: unknown): TokenError | undefined => {
  const error: unknown = Object.assign(new Error(), json)
  const isWhole =
    isTokenError(error) && [error.message, error.userMessage].every((text) => typeof text === "string")
  return isWhole ? error : undefined
}
