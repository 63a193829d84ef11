import type { JSX } from 'preact';
import { Notice } from '../layout.js';
import { grouped, sats } from '../parts/money.js';
import { spanOf } from '../parts/time.js';
import type { OpsView } from './read-ops.js';

/** What moves between the stores and the node. */
export function Infrastructure({ ops }: { readonly ops: OpsView }): JSX.Element {
  return (
    <>
      <h2 id="outbox">Outbox</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">To</th>
              <th scope="col" class="number">
                Rows
              </th>
              <th scope="col">Oldest</th>
            </tr>
          </thead>
          <tbody>
            {ops.outbox.map(({ destination, backlog, oldestSeconds }) => (
              <tr key={destination}>
                <td>{destination}</td>
                <td class="number">{grouped(backlog)}</td>
                <td>{oldestSeconds === null ? '' : spanOf(oldestSeconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2 id="consumers">Consumers</h2>
      <Consumers asked={ops.consumers} />
      <h2 id="node">Lightning node</h2>
      <Node asked={ops.node} />
    </>
  );
}

function Consumers({ asked }: { readonly asked: OpsView['consumers'] }): JSX.Element {
  if (!asked.ok) return <Notice kind="warn">They could not be read: {asked.why}.</Notice>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col">Consumer</th>
            <th scope="col" class="number">
              Behind
            </th>
            <th scope="col" class="number">
              Not acknowledged
            </th>
          </tr>
        </thead>
        <tbody>
          {asked.value.map(({ stream, consumer, waiting, unacknowledged }) => (
            <tr key={`${stream}-${consumer}`}>
              <td>{stream}</td>
              <td>{consumer}</td>
              <td class="number">{grouped(waiting)}</td>
              <td class="number">{grouped(unacknowledged)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Node({ asked }: { readonly asked: OpsView['node'] }): JSX.Element {
  if (!asked.ok) return <Notice kind="bad">It does not answer: {asked.why}.</Notice>;
  const { publicKey, network, version, blockHeight, synced } = asked.value;
  return (
    <dl class="facts">
      <dt>Public key</dt>
      <dd class="mono">{publicKey}</dd>
      <dt>Network</dt>
      <dd>
        {network}, {version}
      </dd>
      <dt>Block</dt>
      <dd>
        {grouped(blockHeight)}
        {!synced && ' (behind the chain)'}
      </dd>
      <dt>Can send</dt>
      <dd>{sats(asked.value.sendableMsat)}</dd>
      <dt>Can receive</dt>
      <dd>{sats(asked.value.receivableMsat)}</dd>
    </dl>
  );
}
