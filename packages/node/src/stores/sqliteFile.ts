/** The file of a SQLite store: what may be at its path, and whether it is still the one that was opened. */
import { closeSync, mkdirSync, openSync, readlinkSync, realpathSync, rmSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"

/** What is at the path cannot be used, now or later. Its message names the cure. */
export class UnusableFile extends Error {}

/**
 * Makes the file with its folder where there is none, for this user alone: SQLite gives its mode to the -wal and -shm
 * files. The mode of a file that was there is its owner's business and stays.
 *
 * @throws UnusableFile, or an error of the file system
 */
export const prepareFile = (path: string): void => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) createFile(path)
  else if (found.isDirectory()) throw new UnusableFile(`${path} is a folder; give the path of a file in it`)
  // SQLite would wait for a named pipe without end.
  else if (!found.isFile()) throw new UnusableFile(`${path} is not a regular file; give the path of one`)
}

const createFile = (path: string): void => {
  // SQLite would make the target of a link that leads nowhere readable by everybody.
  const target = targetOf(path)
  const isLink = target !== path
  // The folder of a link's target may be a disk that is not mounted yet: to make it would hide the tokens there.
  if (!isLink) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(target, "wx", 0o600))
  } catch (error) {
    if (isLink && hasCode(error, ["ENOENT"])) {
      throw new UnusableFile(`${path} is a symbolic link to ${target}, whose folder does not exist; make it`)
    }
    // Another process has made it since.
    if (!hasCode(error, ["EEXIST"])) throw error
  }
}

/** Where a chain of symbolic links ends, also where nothing is there. */
const targetOf = (path: string, hops = 40): string => {
  if (hops === 0) return path
  try {
    return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)), hops - 1)
  } catch {
    return path
  }
}

/** The files of a database, each by device and inode: a file that was deleted or replaced has others. */
export interface Identity {
  readonly main: string | undefined
  /** The main file without symbolic links: SQLite keeps the others beside it. */
  readonly path: string
  readonly wal: string | undefined
  readonly shm: string | undefined
}

export const identify = (path: string): Identity => {
  const main = identityOf(path)
  const real = main === undefined ? path : realpathSync(path)
  return { main, path: real, wal: identityOf(`${real}-wal`), shm: identityOf(`${real}-shm`) }
}

/** Whether the files are still the same. A process that goes on with old ones loses what it writes when it ends. */
export const isCurrent = (path: string, opened: Identity): boolean => {
  const { main, wal, shm } = identify(path)
  return main === opened.main && wal === opened.wal && shm === opened.shm
}

/** SQLite would apply the -wal file of a database that was deleted or replaced to the next one. */
export const removeOrphans = ({ main, path, wal, shm }: Identity): void => {
  if (identityOf(path) === main) return
  for (const [beside, opened] of [
    [`${path}-wal`, wal],
    [`${path}-shm`, shm],
  ] as const) {
    if (opened !== undefined && identityOf(beside) === opened) rmSync(beside, { force: true })
  }
}

const identityOf = (path: string): string | undefined => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** Whether the system has no file descriptor left, which SQLite reports as a file that it cannot open. */
export const isOutOfDescriptors = (path: string): boolean => {
  try {
    closeSync(openSync(dirname(path), "r"))
    return false
  } catch (error) {
    return hasCode(error, ["EMFILE", "ENFILE"])
  }
}

export const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code))
