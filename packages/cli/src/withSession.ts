/** Opens the session of a profile, with the client secret if a refresh needs it. */
import type { TokenEvent, TokenSession, TokenStoreAdapter } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import type { Profile } from "./Profile.js"
import { openProfileClient } from "./profileClient.js"
import { openProfileStore, readClientSecret } from "./profileStore.js"
import { isInteractive, prompt } from "./prompt.js"
import type { Task } from "./Task.js"

/** How long a token must stay valid, in milliseconds; the same as the session's default. */
export const minValidity = 60_000

interface SessionNeeds {
  /** Whether the token is refreshed even if it is still valid. */
  readonly force: boolean
  readonly onEvent?: (event: TokenEvent) => void
}

export const withSession = async (
  task: Task,
  profile: Profile,
  { force, onEvent }: SessionNeeds,
  work: (session: TokenSession) => Promise<void>,
): Promise<void> => {
  const { name, signal } = task
  const store = openProfileStore(task, profile)
  try {
    const secret = await findClientSecret(task, profile, store, force)
    const client = openProfileClient(profile, store, secret, onEvent)
    try {
      const session = client.session(name)
      // A forced refresh needs the token in memory.
      await session.restore({ signal })
      await work(session)
    } finally {
      // Waits for a started refresh even after an interruption: its response has the only copy of the new token.
      await client.close()
    }
  } finally {
    await store.close?.()
  }
}

/** Finds the secret; asks for it only if it is needed. */
const findClientSecret = async (
  task: Task,
  profile: Profile,
  store: TokenStoreAdapter,
  force: boolean,
): Promise<string | undefined> => {
  const { name, secrets, signal } = task
  if (profile.clientAuthentication === "none") return undefined
  const found = secrets.find("clientSecret", { remembered: profile.clientSecretFile })
  if (found !== undefined) return found
  const saved = profile.savedSecret ? await readClientSecret(store, task) : undefined
  if (saved !== undefined) return saved
  const state = await openProfileClient(profile, store).session(name).restore({ signal })
  if (state.status === "signedOut") return undefined
  const isFresh =
    state.status === "ready" && (state.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now() + minValidity
  if (isFresh && !force) return undefined
  if (isInteractive()) {
    const typed = await prompt("Client secret (to refresh the token):", { hidden: true, signal })
    return secrets.accept("clientSecret", "the typed value", typed)
  }
  throw new CommandError(
    "configuration",
    "Refreshing the token needs the client secret. Set $ELLIPSIS_OAUTH_CLIENT_SECRET, or log in once with --client-secret-file or --save-secret.",
  )
}
