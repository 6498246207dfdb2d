/** Where secrets come from besides the person: a file or the environment. Never an argument. */
import { readFileSync } from "node:fs"
import type { EncryptionKey } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"

const variables = {
  clientSecret: "ELLIPSIS_OAUTH_CLIENT_SECRET",
  encryptionKey: "ELLIPSIS_OAUTH_ENCRYPTION_KEY",
  refreshToken: "ELLIPSIS_OAUTH_REFRESH_TOKEN",
} as const

export type SecretName = keyof typeof variables

/** The variables that hold a secret, for programs that are started and are to have none. */
export const secretVariables: readonly string[] = Object.values(variables)

export interface SecretFiles {
  /** The file of a flag, which counts most. */
  readonly named?: string | undefined
  /** The file that the profile remembers, which counts least. */
  readonly remembered?: string | undefined
}

export class Secrets {
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #sources = new Map<SecretName, string>()

  constructor(env: Readonly<Record<string, string | undefined>>) {
    // Copied: the variables are taken out of the environment before a browser is started.
    this.#env = { ...env }
  }

  /** `undefined` where none is given. @throws CommandError for a file that has none */
  find(name: SecretName, { named, remembered }: SecretFiles = {}): string | undefined {
    if (named !== undefined) return this.#readFile(name, named, named)
    const variable = variables[name]
    const given = this.#env[variable] || undefined
    const file = this.#env[`${variable}_FILE`] || undefined
    if (given !== undefined && file !== undefined) {
      throw new CommandError("configuration", `$${variable} and $${variable}_FILE are both set. Set one.`)
    }
    if (given !== undefined) return this.#take(name, `$${variable}`, given)
    if (file !== undefined) return this.#readFile(name, file, `${file} ($${variable}_FILE)`)
    return remembered === undefined ? undefined : this.#readFile(name, remembered, remembered)
  }

  /** The key for the records of a store; `undefined` where none is given. @throws CommandError */
  findEncryptionKey(files: SecretFiles): EncryptionKey | undefined {
    const key = this.find("encryptionKey", files)
    return key === undefined ? undefined : { id: "command", key }
  }

  /** Checks one that came another way, and remembers where it came from. @throws CommandError */
  accept(name: SecretName, source: string, bytes: Uint8Array | string): string {
    return this.#take(name, source, typeof bytes === "string" ? bytes : decode(bytes, source))
  }

  /** Where the one in use came from, for a message about it. */
  sourceOf(name: SecretName): string | undefined {
    return this.#sources.get(name)
  }

  #readFile(name: SecretName, file: string, source: string): string {
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "unknown failure"
      throw new CommandError("configuration", `${source} cannot be read (${code}). ${advice}`)
    }
    return this.#take(name, source, decode(bytes, source))
  }

  #take(name: SecretName, source: string, text: string): string {
    const secret = text.replace(/^\uFEFF/, "").trim()
    if (secret === "") throw new CommandError("configuration", `${source} is empty. ${advice}`)
    if (/[\r\n]/.test(secret)) {
      throw new CommandError("configuration", `${source} has more than one line. ${advice}`)
    }
    // A zero-width space or a tab that was copied along would only be seen as a wrong secret.
    if (/[\p{C}\p{Z}\uFFFD]/u.test(secret)) {
      throw new CommandError(
        "configuration",
        `${source} has blanks or invisible characters inside. ${advice}`,
      )
    }
    this.#sources.set(name, source)
    return secret
  }
}

const advice = "It has to hold the secret, alone."

/** PowerShell writes UTF-16, and several editors a byte order mark. */
const decode = (bytes: Uint8Array, source: string): string => {
  const [first = 0, second = 0] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (!text.includes("\0")) return text
  } catch {
    // Told below.
  }
  throw new CommandError(
    "configuration",
    `${source} is not text in UTF-8. Save it as UTF-8, without a byte order mark.`,
  )
}
