// A short message service centre on the package smpp of npm. It prints a line of JSON for whatever happens to it, and sends a
// short message to whoever is bound for each line of JSON on standard input: {"from": number, "to": number, "text": text}.
const smpp = require('smpp');
const readline = require('readline');

const tell = (event) => console.log(JSON.stringify(event));
const bound = new Set();
let last = 4710;

const server = smpp.createServer({}, (session) => {
  session.on('bind_transceiver', (pdu) => {
    session.send(pdu.response());
    bound.add(session);
    tell({ event: 'bound', system: pdu.system_id });
  });
  session.on('submit_sm', (pdu) => {
    last += 1;
    const text = pdu.short_message.message.toString();
    session.send(pdu.response({ message_id: String(last) }));
    tell({ event: 'submitted', from: pdu.source_addr, to: pdu.destination_addr, text });
    if (pdu.registered_delivery & 1) {
      const receipt = `id:${last} sub:001 dlvrd:001 submit date:2611220200 done date:2611220200 stat:DELIVRD err:000 text:`;
      session.deliver_sm({
        esm_class: 4, source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, short_message: receipt,
      });
    }
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('close', () => bound.delete(session));
  session.on('error', () => bound.delete(session));
});
server.listen(0, '127.0.0.1', () => tell({ event: 'ready', port: server.address().port }));

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { from, to, text } = JSON.parse(line);
  for (const session of bound) {
    session.deliver_sm({ source_addr: from, destination_addr: to, short_message: text }, (pdu) => tell({ event: 'taken', status: pdu.command_status }));
  }
});
lines.on('close', () => process.exit(0));
