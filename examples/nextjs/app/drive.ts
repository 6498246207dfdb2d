/** Where Ellipsis Drive is, for the server and for the browser. */
export const driveUrl = process.env.NEXT_PUBLIC_ELLIPSIS_OAUTH_BASE_URL ?? "https://api.ellipsis-drive.com/v3"
