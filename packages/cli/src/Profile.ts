/** A profile: the settings of one login, without secrets, in its own file. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { CommandError } from "./CommandError.js"
import { usage } from "./commandLine.js"
import { homeAdvice } from "./folders.js"
import { makeFolder } from "./makeFolder.js"
import { quoted } from "./plainText.js"

export interface Profile {
  readonly clientId: string
  readonly baseUrl: string
  readonly clientAuthentication: "body" | "basic" | "basic-raw" | "none"
  readonly host: "127.0.0.1" | "localhost"
  readonly port: number
  readonly path: string
  readonly scope?: string
  /** The file with the client secret. Left out if the secret is asked for, saved, or not needed. */
  readonly clientSecretFile?: string
  readonly savedSecret: boolean
  readonly encrypted: boolean
  readonly encryptionKeyFile?: string
  /** The name of the account, as the API returned it at login. */
  readonly account?: string
}

const version = 1

/** @throws CommandError for a name that is not a valid file name on every platform */
export const requireProfileName = (given: string | undefined): string => {
  const name = given ?? (process.env["ELLIPSIS_OAUTH_PROFILE"] || "default")
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) return name
  const flag = given === undefined ? "$ELLIPSIS_OAUTH_PROFILE" : "--profile"
  throw usage(`${flag} must be up to 64 lower-case letters, digits, . _ -, got ${quoted(name)}`)
}

/** The profile has settings that this version does not know. It must not be replaced, as a damaged one may be. */
export class NewerProfile extends CommandError {
  constructor(file: string) {
    super(
      "configuration",
      `${file} was written by a newer version of this command. Update ellipsis-oauth, or choose another profile with --profile.`,
    )
  }
}

/** `undefined` if the profile does not exist. @throws CommandError if it is damaged, NewerProfile */
export const readProfile = (config: string, name: string): Profile | undefined => {
  const file = fileOf(config, name)
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    if (isMissing(error)) return undefined
    // The file belongs to another user, or is a folder.
    const code = error instanceof Error && "code" in error ? String(error.code) : ""
    if (!/^(EACCES|EPERM|EISDIR)$/.test(code)) throw error
    throw new CommandError("configuration", `${file} cannot be read (${code}). ${homeAdvice}`)
  }
  const found = parse(text)
  if (typeof found?.["version"] === "number" && found["version"] > version) {
    throw new NewerProfile(file)
  }
  if (found !== undefined && isProfile(found)) {
    const { version: _, ...profile } = found
    return profile
  }
  throw new CommandError(
    "configuration",
    `${file} is damaged. Log in again with --profile ${name}, or delete the file.`,
  )
}

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const found: unknown = JSON.parse(text.replace(/^\uFEFF/, ""))
    return typeof found === "object" && found !== null ? { ...found } : undefined
  } catch {
    return undefined
  }
}

/** Checks each member, because a user may have edited the file. */
const isProfile = (
  found: Record<string, unknown>,
): found is Record<string, unknown> & { version: number } & Profile => {
  const isText = (value: unknown) => typeof value === "string" && value !== ""
  const isTextOrMissing = (value: unknown) => value === undefined || isText(value)
  return (
    found["version"] === version &&
    ["clientId", "path"].every((member) => isText(found[member])) &&
    typeof found["baseUrl"] === "string" &&
    URL.canParse(found["baseUrl"]) &&
    ["body", "basic", "basic-raw", "none"].includes(String(found["clientAuthentication"])) &&
    ["127.0.0.1", "localhost"].includes(String(found["host"])) &&
    Number.isInteger(found["port"]) &&
    ["savedSecret", "encrypted"].every((member) => typeof found[member] === "boolean") &&
    ["scope", "clientSecretFile", "encryptionKeyFile", "account"].every((member) =>
      isTextOrMissing(found[member]),
    )
  )
}

/** As {@link readProfile}, but `undefined` for a damaged profile. @throws NewerProfile */
export const findProfile = (config: string, name: string): Profile | undefined => {
  try {
    return readProfile(config, name)
  } catch (error) {
    if (error instanceof CommandError && !(error instanceof NewerProfile)) return undefined
    throw error
  }
}

/** @throws CommandError if the profile does not exist */
export const requireProfile = (config: string, name: string): Profile => {
  const profile = readProfile(config, name)
  if (profile !== undefined) return profile
  throw new CommandError("loginRequired", `The profile ${name} does not exist. ${loginAdvice(name)}`)
}

export const loginAdvice = (name: string): string =>
  `Log in with: ellipsis-oauth login${name === "default" ? "" : ` --profile ${name}`}`

/** The file is replaced atomically: another process reads the old profile or the new one. */
export const writeProfile = (config: string, name: string, profile: Profile): void => {
  const folder = join(config, "profiles")
  makeFolder(folder, 0o700)
  const temporary = join(folder, `.${name}.${process.pid}`)
  try {
    writeFileSync(temporary, `${JSON.stringify({ version, ...profile }, null, 2)}\n`, { mode: 0o600 })
    renameSync(temporary, fileOf(config, name))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

export const removeProfile = (config: string, name: string): void => {
  rmSync(fileOf(config, name), { force: true })
}

export const listProfiles = (config: string): readonly string[] => {
  try {
    return readdirSync(join(config, "profiles"))
      .flatMap((file) => (/^[a-z0-9].*\.json$/.test(file) ? [file.slice(0, -".json".length)] : []))
      .sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

const fileOf = (config: string, name: string): string => join(config, "profiles", `${name}.json`)

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT"
