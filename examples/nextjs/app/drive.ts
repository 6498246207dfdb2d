/** Where Ellipsis Drive is, for the server and for the browser: the mock server unless the environment names another. */
export const driveUrl = process.env.NEXT_PUBLIC_DRIVE_URL ?? "http://localhost:4400/v3"
