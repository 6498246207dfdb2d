/** The session of a profile, with the client secret where a refresh needs it. */
import type { TokenEvent, TokenSession, TokenStoreAdapter } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import type { Profile } from "./Profile.js"
import { openProfileClient } from "./profileClient.js"
import { openProfileStore, readClientSecret } from "./profileStore.js"
import { isInteractive, prompt } from "./prompt.js"
import type { Task } from "./Task.js"

/** How long a token has to be good for, as the session has it, in milliseconds. */
export const minValidity = 60_000

interface SessionNeeds {
  /** Whether the token is refreshed in any case. */
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
      // What is refreshed by force is a token in hand.
      await session.restore({ signal })
      await work(session)
    } finally {
      // A caller that gives up waits for a refresh that is under way: its response holds the only copy of the token.
      await client.close()
    }
  } finally {
    await store.close?.()
  }
}

/** The secret, asked for only where it is needed. */
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
    return secrets.accept("clientSecret", "What was typed", typed)
  }
  throw new CommandError(
    "configuration",
    "The token has to be refreshed, which takes the client secret: give it in $ELLIPSIS_OAUTH_CLIENT_SECRET, or log in once with --client-secret-file or --save-secret.",
  )
}
