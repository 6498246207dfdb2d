import { createHash } from "node:crypto"

/** SHA-256 in base64url, 43 characters: identifies a secret without showing it. */
export const hash = (secret: string): string => createHash("sha256").update(secret).digest("base64url")
