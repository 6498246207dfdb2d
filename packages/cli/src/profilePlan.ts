/** Decides the settings of a profile, in this order: flags, the existing profile, the environment, a prompt. */
import { resolve } from "node:path"
import { ellipsisDriveBaseUrl } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { usage } from "./commandLine.js"
import { findProfile, type Profile } from "./Profile.js"
import { quoted } from "./plainText.js"
import { openProfileStore, readClientSecret } from "./profileStore.js"
import { isInteractive, prompt } from "./prompt.js"
import type { Task } from "./Task.js"

export interface ProfilePlan {
  readonly profile: Profile
  readonly clientSecret: string | undefined
}

/** The redirect URI to register is `http://127.0.0.1:8417/callback`. */
const defaultPort = 8417

const authentications = ["body", "basic", "basic-raw", "none"] as const

export const planProfile = async (task: Task): Promise<ProfilePlan> => {
  const { line, name, folders, secrets } = task
  const { values, switches } = line
  const { env } = process
  // Checked before the first prompt.
  const port = readNumber("--port", values.port, 0, 65_535)
  const host = readChoice("--host", values.host, ["127.0.0.1", "localhost"])
  const chosen = readChoice("--client-authentication", values["client-authentication"], authentications)
  const variable = "ELLIPSIS_OAUTH_CLIENT_AUTHENTICATION"
  const inEnvironment = readChoice(`$${variable}`, env[variable] || undefined, authentications)

  // A damaged profile is replaced.
  const before = findProfile(folders.config, name)
  const clientId =
    values["client-id"] ?? before?.clientId ?? (env["ELLIPSIS_OAUTH_CLIENT_ID"] || (await askClientId(task)))
  const baseUrl =
    values["base-url"] ?? before?.baseUrl ?? (env["ELLIPSIS_OAUTH_BASE_URL"] || ellipsisDriveBaseUrl)
  // The settings of another client do not apply, and its secret must not be sent to another server.
  const isSame = before?.clientId === clientId && before.baseUrl === baseUrl.replace(/\/+$/, "")
  const known = isSame ? before : undefined
  const keyFiles = { named: values["encryption-key-file"], remembered: before?.encryptionKeyFile }
  const encrypted = before?.encrypted === true || secrets.findEncryptionKey(keyFiles) !== undefined

  const isSecretNew =
    (values["client-secret-file"] !== undefined || namesClient(task, clientId)) && gainsSecret(task, known)
  const expected = chosen ?? (isSecretNew ? undefined : known?.clientAuthentication) ?? inEnvironment
  const clientSecret =
    expected === "none" ? undefined : await chooseClientSecret(task, known, encrypted, expected !== undefined)
  const profile: Profile = {
    clientId,
    baseUrl,
    clientAuthentication: expected ?? (clientSecret === undefined ? "none" : "body"),
    host: host ?? known?.host ?? "127.0.0.1",
    port: port ?? known?.port ?? defaultPort,
    path: values.path ?? known?.path ?? "/callback",
    ...optional("scope", values.scope ?? known?.scope),
    ...optional("clientSecretFile", absolute(values["client-secret-file"]) ?? known?.clientSecretFile),
    savedSecret: switches.has("save-secret") || known?.savedSecret === true,
    encrypted,
    ...optional("encryptionKeyFile", absolute(values["encryption-key-file"]) ?? before?.encryptionKeyFile),
  }
  return { profile, clientSecret }
}

/**
 * Whether a profile that was made without a client secret is now given one. Then the secret was missing, and the client is
 * no public one.
 */
export const gainsSecret = ({ line, secrets }: Task, known: Profile | undefined): boolean =>
  known?.clientAuthentication === "none" &&
  secrets.find("clientSecret", { named: line.values["client-secret-file"] }) !== undefined

/** The secret in a variable may be that of another profile, unless the client is named beside it. */
export const namesClient = ({ line }: Task, clientId: string): boolean =>
  (process.env["ELLIPSIS_OAUTH_CLIENT_ID"] || line.values["client-id"]) === clientId

const askClientId = async ({ signal }: Task): Promise<string> => {
  const typed = isInteractive() ? await prompt("Client id:", { hidden: false, signal }) : ""
  if (typed !== "") return typed
  throw usage(
    "The client id is missing. Set $ELLIPSIS_OAUTH_CLIENT_ID or use --client-id, with the id from the registration of your app",
  )
}

/** @param required whether the client is known to be confidential */
const chooseClientSecret = async (
  task: Task,
  known: Profile | undefined,
  encrypted: boolean,
  required: boolean,
): Promise<string | undefined> => {
  const { line, secrets } = task
  const files = { named: line.values["client-secret-file"], remembered: known?.clientSecretFile }
  const found = secrets.find("clientSecret", files)
  if (found !== undefined) return found
  const saved = known?.savedSecret && known.encrypted === encrypted ? await readSaved(task, known) : undefined
  const secret = isInteractive() ? await askClientSecret(task, saved, required) : saved
  if (secret !== undefined || !required) return secret
  throw new CommandError(
    "configuration",
    "The client secret is missing. Set $ELLIPSIS_OAUTH_CLIENT_SECRET or use --client-secret-file. For a public client, use --client-authentication none.",
  )
}

const askClientSecret = async (
  { secrets, signal }: Task,
  saved: string | undefined,
  required: boolean,
): Promise<string | undefined> => {
  const publicClient = required ? "" : " (press Enter for a public client)"
  const hint = saved === undefined ? publicClient : " (press Enter for the saved one)"
  const typed = await prompt(`Client secret${hint}:`, { hidden: true, signal })
  return typed === "" ? saved : secrets.accept("clientSecret", "the typed value", typed)
}

const readSaved = async (task: Task, known: Profile): Promise<string | undefined> => {
  const store = openProfileStore(task, known)
  try {
    return await readClientSecret(store, task)
  } finally {
    await store.close?.()
  }
}

const readNumber = (
  flag: string,
  value: string | undefined,
  smallest: number,
  largest: number,
): number | undefined => {
  if (value === undefined) return undefined
  const number = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN
  if (number >= smallest && number <= largest) return number
  throw usage(`${flag} must be a number from ${smallest} to ${largest}, got ${quoted(value)}`)
}

/** The error does not repeat the value, which may be a secret by mistake. */
const readChoice = <const A extends string>(
  origin: string,
  value: string | undefined,
  choices: readonly A[],
): A | undefined => {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined || value === undefined) return found
  throw usage(`${origin} must be ${choices.join(" or ")}`)
}

/** An absolute path, because `token` may run in another folder. */
const absolute = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : resolve(file)

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
