import { createServer } from "node:http"
import { toNodeListener } from "@ellipsis-oauth/node"
import { auth } from "./auth.js"

const answerAuth = toNodeListener(auth)

createServer((request, response) => {
  if (request.url?.startsWith("/auth/")) answerAuth(request, response)
  else
    response.end(`<form action="/auth/logout" method="post"><a href="/auth/login">Log in</a> <button>Log out`)
}).listen(3000)
