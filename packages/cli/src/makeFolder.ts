/** Creates a folder and its parents. `mkdirSync` with `recursive` loops forever where a parent cannot be created (/proc). */
import { mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"

/** Existing folders keep their mode, because they may be shared volumes. @throws the system's error */
export const makeFolder = (folder: string, mode?: number): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above, mode)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Another process may have created it.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
