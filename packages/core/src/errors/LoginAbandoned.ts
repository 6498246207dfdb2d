/** The user left a login before it ended. */
import { taggedError } from "./taggedError.js"

/** The user left a login by redirect before it ended: by the back button, a reload, or a page that did not load. */
export class LoginAbandoned extends taggedError<"LoginAbandoned", object, "login">("LoginAbandoned", {
  action: "login",
  message: () => "The user left the login before it ended. Offer the login again.",
  userMessage: () => "The sign-in was not finished. You can sign in again.",
}) {}
