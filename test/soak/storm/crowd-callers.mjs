// A process of its own, so that its work does not delay the measurements: opens attempts without an account, as fast as it can.
// Arguments: the API's URL, a post's id, callers, networks, seconds. Prints how many answers of each kind came, as JSON.
const [url, itemId, callers, networks, seconds] = process.argv.slice(2);

const end = Date.now() + Number(seconds) * 1000;
const answers = {};
let n = 0;

async function open() {
  const network = (n += 1) % Number(networks);
  const response = await fetch(`${url}/v1/actions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': `198.18.${Math.floor(network / 250)}.${network % 250}`,
    },
    body: JSON.stringify({ type: 'ZAP', args: { itemId, sats: 1 }, payment: 'invoice' }),
  });
  const { code = 'opened' } = await response.json();
  const type = response.headers.get('content-type')?.split(';')[0];
  return `${response.status} ${type} ${code}`;
}

async function caller() {
  while (Date.now() < end) {
    const answer = await open().catch(
      (error) => `no answer: ${error.cause?.code ?? error.message}`,
    );
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: Number(callers) }, caller));
process.stdout.write(JSON.stringify(answers));
