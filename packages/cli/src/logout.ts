/** `logout`: deletes the tokens and a saved client secret. */
import { findProfile, readProfile, removeProfile } from "./Profile.js"
import { openPlainStore, removeClientSecret, tokenKey } from "./profileStore.js"
import { say, type Task } from "./Task.js"

export const logout = async ({ line, name, folders }: Task): Promise<void> => {
  const forget = line.switches.has("forget")
  // A damaged profile can still be deleted.
  const profile = findProfile(folders.config, name)
  const known = forget || readProfile(folders.config, name) !== undefined
  const store = openPlainStore(folders)
  try {
    const removed = profile !== undefined && (await store.remove(tokenKey(name, profile)))
    await removeClientSecret(store, name)
    if (forget) removeProfile(folders.config, name)
    // The provider has no endpoint to revoke a token.
    say(
      removed
        ? `Logged out of ${name}. An access token that was printed before stays valid until it expires.`
        : known
          ? `The profile ${name} was already signed out.`
          : `The profile ${name} does not exist.`,
    )
  } finally {
    await store.close?.()
  }
}
