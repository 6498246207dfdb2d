/** `token`: prints a valid access token. */
import type { TokenStoreAdapter } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { type Profile, requireProfile } from "./Profile.js"
import { openProfileClient } from "./profileClient.js"
import { openProfileStore, readClientSecret } from "./profileStore.js"
import { isInteractive, prompt } from "./prompt.js"
import { findSecret } from "./secrets.js"
import { print, type Task } from "./Task.js"

/** How long a token has to be good for, as the session has it, in milliseconds. */
const minValidity = 60_000

export const token = async (task: Task): Promise<void> => {
  const { line, name, folders, signal } = task
  const profile = requireProfile(folders.config, name)
  const store = openProfileStore(folders.data, profile, line.values["encryption-key-file"])
  try {
    const force = line.switches.has("force")
    const secret = await findClientSecret(task, profile, store, force)
    const client = openProfileClient(profile, store, secret)
    try {
      const session = client.session(name)
      // What is refreshed by force is a token in hand.
      await session.restore({ signal })
      print(await session.getAccessToken({ force, minValidity, signal }))
    } finally {
      // Whoever gives up waits for a refresh that is under way: its reply holds the only copy of the token.
      await client.close()
    }
  } finally {
    await store.close?.()
  }
}

/** The secret, asked for only where it is needed. */
const findClientSecret = async (
  { name, signal }: Task,
  profile: Profile,
  store: TokenStoreAdapter,
  force: boolean,
): Promise<string | undefined> => {
  if (profile.clientAuthentication === "none") return undefined
  const found = findSecret("clientSecret", { remembered: profile.clientSecretFile })
  if (found !== undefined) return found
  const saved = profile.savedSecret ? await readClientSecret(store, name) : undefined
  if (saved !== undefined) return saved
  const state = await openProfileClient(profile, store).session(name).restore({ signal })
  if (state.status === "signedOut") return undefined
  const isFresh =
    state.status === "ready" && (state.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now() + minValidity
  if (isFresh && !force) return undefined
  if (isInteractive()) return prompt("Client secret (to refresh the token): ", { hidden: true, signal })
  throw new CommandError(
    "configuration",
    "The token has to be refreshed, which takes the client secret: give it in $ELLIPSIS_OAUTH_CLIENT_SECRET, or log in once with --client-secret-file or --save-secret.",
  )
}
