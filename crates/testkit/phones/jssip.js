// A telephone of JsSIP that registers over WebSocket, takes itself off, and does both once more, beside a server under test.
//
//     jssip.js HOST:PORT DOMAIN NUMBER      the password is in the environment: PHONE_PASSWORD
//
// Ends with 1 and the reason when something is not as it should be. NODE_PATH leads to its packages.
"use strict";

const JsSIP = require("jssip");
const NodeWebSocket = require("jssip-node-websocket");

const [server, domain, number] = process.argv.slice(2);
const phone = new JsSIP.UA({
  sockets: [new NodeWebSocket(`ws://${server}/`)],
  uri: `sip:${number}@${domain}`,
  password: process.env.PHONE_PASSWORD,
  register_expires: 120,
});

let rounds = 0;
phone.on("registered", () => {
  console.log("registered");
  phone.unregister();
});
phone.on("unregistered", () => {
  rounds += 1;
  if (rounds < 2) {
    phone.register();
    return;
  }
  console.log("done");
  process.exit(0);
});
phone.on("registrationFailed", (event) => {
  console.log(`failed: ${event.cause}`);
  process.exit(1);
});
setTimeout(() => {
  console.log("failed: no answer in time");
  process.exit(1);
}, 30000);
phone.start();
