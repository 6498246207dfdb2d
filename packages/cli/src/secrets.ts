/** Where secrets come from besides the person: a file or the environment. Never an argument. */
import { readFileSync } from "node:fs"
import type { EncryptionKey } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"

const variables = {
  clientSecret: "ELLIPSIS_OAUTH_CLIENT_SECRET",
  encryptionKey: "ELLIPSIS_OAUTH_ENCRYPTION_KEY",
} as const

export interface SecretFiles {
  /** The file of a flag, which counts most. */
  readonly named?: string | undefined
  /** The file that the profile remembers, which counts least. */
  readonly remembered?: string | undefined
}

/** `undefined` where none is given. @throws CommandError for a file that has none */
export const findSecret = (
  secret: keyof typeof variables,
  { named, remembered }: SecretFiles,
): string | undefined => {
  if (named !== undefined) return readSecretFile(named)
  const given = process.env[variables[secret]]
  if (given !== undefined && given !== "") return given
  return remembered === undefined ? undefined : readSecretFile(remembered)
}

/** The key for the records of a store; `undefined` where none is given. @throws CommandError */
export const findEncryptionKey = (files: SecretFiles): EncryptionKey | undefined => {
  const key = findSecret("encryptionKey", files)
  return key === undefined ? undefined : { id: "command", key }
}

/** Editors end the last line, which is no part of the secret. */
const readSecretFile = (file: string): string => {
  let secret: string
  try {
    secret = readFileSync(file, "utf8").replace(/\r?\n$/, "")
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "unknown failure"
    throw new CommandError(
      "configuration",
      `${file} cannot be read (${code}). It has to hold the secret, alone.`,
    )
  }
  if (secret !== "") return secret
  throw new CommandError("configuration", `${file} is empty. It has to hold the secret, alone.`)
}
