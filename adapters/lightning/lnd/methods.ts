import { z } from 'zod';
import { methodsOf } from './codec.js';
import * as answers from './messages.js';
import { LND_PROTO } from './proto.js';

const method = methodsOf(LND_PROTO);
/** An object: grpc-js takes null and undefined for no answer. */
const nothing = z.object({});
const { invoiceSchema, lndPaymentSchema } = answers;

/** All that we call. The macaroon recipe in docs/lightning.md names the same. */
export const METHODS = {
  getState: method('/lnrpc.State/GetState', 'Empty', 'GetStateResponse', answers.stateSchema),
  getInfo: method('/lnrpc.Lightning/GetInfo', 'Empty', 'GetInfoResponse', answers.infoSchema),
  channelBalance: method(
    '/lnrpc.Lightning/ChannelBalance',
    'Empty',
    'ChannelBalanceResponse',
    answers.balanceSchema,
  ),
  addInvoice: method(
    '/lnrpc.Lightning/AddInvoice',
    'Invoice',
    'AddInvoiceResponse',
    answers.addedSchema,
  ),
  addHoldInvoice: method(
    '/invoicesrpc.Invoices/AddHoldInvoice',
    'AddHoldInvoiceRequest',
    'AddHoldInvoiceResp',
    answers.addedSchema,
  ),
  /** Version 1: needs only invoices:read, and says NOT_FOUND also on an empty database. */
  lookupInvoice: method('/lnrpc.Lightning/LookupInvoice', 'PaymentHash', 'Invoice', invoiceSchema),
  listInvoices: method(
    '/lnrpc.Lightning/ListInvoices',
    'ListInvoiceRequest',
    'ListInvoiceResponse',
    answers.invoiceListSchema,
  ),
  settleInvoice: method(
    '/invoicesrpc.Invoices/SettleInvoice',
    'SettleInvoiceMsg',
    'Empty',
    nothing,
  ),
  cancelInvoice: method(
    '/invoicesrpc.Invoices/CancelInvoice',
    'CancelInvoiceMsg',
    'Empty',
    nothing,
  ),
  subscribeInvoices: method(
    '/lnrpc.Lightning/SubscribeInvoices',
    'InvoiceSubscription',
    'Invoice',
    invoiceSchema,
  ),
  subscribeSingleInvoice: method(
    '/invoicesrpc.Invoices/SubscribeSingleInvoice',
    'SubscribeSingleInvoiceRequest',
    'Invoice',
    invoiceSchema,
  ),
  decodePayReq: method(
    '/lnrpc.Lightning/DecodePayReq',
    'PayReqString',
    'PayReq',
    answers.payReqSchema,
  ),
  queryRoutes: method(
    '/lnrpc.Lightning/QueryRoutes',
    'QueryRoutesRequest',
    'QueryRoutesResponse',
    answers.routesSchema,
  ),
  sendPayment: method(
    '/routerrpc.Router/SendPaymentV2',
    'SendPaymentRequest',
    'Payment',
    lndPaymentSchema,
  ),
  trackPayment: method(
    '/routerrpc.Router/TrackPaymentV2',
    'TrackPaymentRequest',
    'Payment',
    lndPaymentSchema,
  ),
  trackPayments: method(
    '/routerrpc.Router/TrackPayments',
    'TrackPaymentsRequest',
    'Payment',
    lndPaymentSchema,
  ),
} as const;
