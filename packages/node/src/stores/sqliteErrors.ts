/** Converts errors of SQLite and the file system to errors of the store. */
import { TokenStoreError } from "@ellipsis-oauth/core/promise"
import { hasCode, isOutOfDescriptors, UnusableFile } from "./sqliteFile.js"

/** SQLITE_BUSY and SQLITE_LOCKED, with all their extended codes. */
export const isBusy = (error: unknown): boolean => [5, 6].includes(primaryCode(error))

const primaryCode = (error: unknown): number =>
  error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : -1

/** The messages of SQLite and the file system contain no secrets, because values are bound and never quoted. */
export const toTokenStoreError = (key: string, path: string, error: unknown): TokenStoreError => {
  const problem = error instanceof Error ? error.message : "unknown failure"
  if (error instanceof UnusableFile) return new TokenStoreError({ reason: "unusable", key, detail: problem })
  const place = problem.includes(path) ? problem : `${problem}: ${path}`
  const cure = cureOf(path, error)
  return cure === undefined
    ? new TokenStoreError({ reason: "unavailable", key, detail: place })
    : new TokenStoreError({ reason: "unusable", key, detail: `${place}; ${cure}` })
}

/** SQLITE_READONLY_DBMOVED: the file was replaced. The next call opens the new file. */
const isMoved = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === 1032

const permission = "this process must be allowed to write the file and its folder"
const notThisStores = "give the store a database whose tables ellipsis_oauth_… are its own"

/** What to change, by SQLite's primary result codes. */
const cures: Readonly<Record<number, string>> = {
  1: notThisStores,
  3: permission,
  8: permission,
  11: "restore it from a backup, or move it away: then its users have to log in again",
  14: permission,
  20: notThisStores,
  22: permission,
  23: permission,
  24: "give the path of a SQLite database, or of no file",
  26: "give the path of a SQLite database, or of no file",
}

/** `undefined` for a temporary failure. */
const cureOf = (path: string, error: unknown): string | undefined => {
  if (hasCode(error, ["EACCES", "EPERM", "EROFS"])) return permission
  if (hasCode(error, ["ENOENT", "ENOTDIR", "EEXIST", "EISDIR"])) {
    return "every parent folder of the path must be a folder that exists or can be made"
  }
  if (hasCode(error, ["ELOOP"])) return "a symbolic link leads to itself"
  if (hasCode(error, ["ENAMETOOLONG"])) return "give a shorter path"
  if (hasCode(error, ["ERR_ACCESS_DENIED"])) return "allow it with --allow-fs-read and --allow-fs-write"
  const code = primaryCode(error)
  if (isMoved(error)) return undefined
  if (code === 14 && isOutOfDescriptors(path)) return undefined
  return cures[code]
}
