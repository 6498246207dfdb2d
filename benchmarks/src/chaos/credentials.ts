/** A client whose id and secret have characters that each encoding treats differently. */
export const credentials = {
  clientId: "app with space",
  clientSecret: "s3cret +%:&=/",
  redirectUri: "http://localhost:3000/callback",
}
