import { createHash } from "node:crypto"

/** SHA-256 in base64url, 43 characters: names a secret without telling it. */
export const hash = (secret: string): string => createHash("sha256").update(secret).digest("base64url")
